#!/usr/bin/env bash
# A container engine for algoreg, and the images its checks and tests stand on, without any image registry.
#
#   engine.sh up             use the engine that answers, else start a private one; build the images
#   engine.sh env            print "export DOCKER_HOST=..." for it: eval "$(scripts/engine.sh env)"
#   engine.sh status         say which engine answers and which images it has
#   engine.sh down [--purge] stop the private engine only; --purge deletes its images as well
#
# Exit codes: 0 done, 1 something failed on the way, 2 usage, 3 no engine and none can be started here.
# Messages go to stderr, so that stdout is only what `env` and `status` answer.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUN=${ALGOREG_ENGINE_RUN:-/run/algoreg}
STATE=${ALGOREG_ENGINE_STATE:-/var/lib/algoreg-engine}
PRIVATE=unix://$RUN/docker.sock
DEFAULT=unix:///var/run/docker.sock
START_SECONDS=${ALGOREG_ENGINE_START_SECONDS:-60}
NO_ENGINE=3

# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

PYTHON=$(any_python)

api() { "$PYTHON" -I -S "$HERE/engine_api.py" "$@"; }

# --- which engine -------------------------------------------------------------------------------

# In the order in which algoreg itself looks, the private one last: an engine that runs already is
# the person's choice.
candidates() {
  echo "$DEFAULT"
  if [ -n "${XDG_RUNTIME_DIR:-}" ]; then
    echo "unix://$XDG_RUNTIME_DIR/docker.sock"
    echo "unix://$XDG_RUNTIME_DIR/podman/podman.sock"
  fi
  echo "unix:///run/podman/podman.sock"
  echo "$PRIVATE"
}

# Prints the address of the engine that answers. A DOCKER_HOST that is set and dead ends the search:
# going on to another engine would judge images where nobody looks for them.
find_engine() {
  local host reason
  if [ -n "${DOCKER_HOST:-}" ]; then
    if reason=$(api ping "$DOCKER_HOST" 2>&1); then
      echo "$DOCKER_HOST"
      return 0
    fi
    # Our own, stopped since the variable was set: to start it again is no other engine.
    [ "$DOCKER_HOST" != "$PRIVATE" ] || return 1
    say "DOCKER_HOST=$DOCKER_HOST does not answer: $reason"
    say "start that engine, correct the variable, or unset it so that another engine is looked for"
    exit "$NO_ENGINE"
  fi
  while read -r host; do
    [ -S "${host#unix://}" ] || continue
    if reason=$(api ping "$host" 2>&1); then
      echo "$host"
      return 0
    fi
    say "passing over $host: $reason"
  done < <(candidates)
  return 1
}

# --- a private engine ---------------------------------------------------------------------------

explain_and_stop() {
  say "no container engine answers, and this script can start one only as root on Debian or Ubuntu."
  say "Do one of these, then try again:"
  say "  - start Docker or Podman (podman system service --time=0 &) and run this again"
  say "  - where a socket says \"Permission denied\": have yourself added to its group (usually docker)"
  say "  - export DOCKER_HOST=unix:///path/to/docker.sock (or tcp://host:port) of a running engine"
  say "  - on Debian or Ubuntu: sudo $0 up"
  say "Without an engine: algoreg validate --engine process plugins/knn"
  exit "$NO_ENGINE"
}

dockerd_command() {
  # Debian puts the daemon into /usr/sbin, which a login as root through su may not have in PATH.
  PATH=$PATH:/usr/sbin:/sbin command -v dockerd
}

launch() {
  rm -f "$RUN/docker.pid"
  PATH=$PATH:/usr/sbin:/sbin setsid "$(dockerd_command)" \
    --data-root "$STATE/data" --exec-root "$RUN/exec" \
    -H "$PRIVATE" --pidfile "$RUN/docker.pid" \
    </dev/null >>"$STATE/dockerd.log" 2>&1 9>&- &
  DAEMON=$!
}

# 0: answers; 1: it ended or the time is over.
await_engine() {
  local deadline=$((SECONDS + START_SECONDS))
  while [ "$SECONDS" -lt "$deadline" ]; do
    if api ping "$PRIVATE" >/dev/null 2>&1; then return 0; fi
    if ! kill -0 "$DAEMON" 2>/dev/null; then return 1; fi
    beat "waiting for the engine"
    sleep 0.5
  done
  return 1
}

start_private() {
  # What a killed engine left would make the new one wait for a containerd that is gone.
  stop_private
  mkdir -p "$RUN" "$STATE"
  chmod 0711 "$STATE"
  say "starting a private engine at $PRIVATE (log: $STATE/dockerd.log)"
  : >"$STATE/dockerd.log"
  launch
  if ! await_engine && grep -qi iptables "$STATE/dockerd.log" && use_legacy_iptables; then
    stop_private
    say "the kernel has no nftables: trying again with iptables-legacy"
    launch
    await_engine || true
  fi
  if ! api ping "$PRIVATE" >/dev/null 2>&1; then
    say "the engine did not answer within $START_SECONDS s; the end of its log:"
    tail -n 20 "$STATE/dockerd.log" >&2
    stop_private
    exit 1
  fi
}

use_legacy_iptables() {
  update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null 2>&1 &&
    update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >/dev/null 2>&1
}

ensure_engine() {
  local host
  if host=$(find_engine); then
    say "using the engine at $host: $(api ping "$host")"
    ENGINE=$host
    return
  elif [ "${DOCKER_HOST:-$PRIVATE}" != "$PRIVATE" ]; then
    exit "$NO_ENGINE"
  fi
  is_debian_root || explain_and_stop
  if ! dockerd_command >/dev/null; then
    step "installing the engine (docker.io, iptables)" apt_install docker.io iptables || exit 1
    # Where an init system runs, the package has just started its own service: use that one.
    if [ -d /run/systemd/system ]; then
      for _ in 1 2 3 4 5 6 7 8 9 10; do
        if host=$(find_engine); then
          say "the package's own service answers at $host"
          ENGINE=$host
          return
        fi
        sleep 1
      done
    fi
  fi
  start_private
  ENGINE=$PRIVATE
  say "engine ready: $(api ping "$ENGINE")"
}

stop_private() {
  local pid
  pid=$(cat "$RUN/docker.pid" 2>/dev/null || true)
  # A pid file outlives a crash: look who has the number now before sending it a signal.
  if [ -n "$pid" ] && grep -q dockerd "/proc/$pid/comm" 2>/dev/null; then
    kill -TERM "$pid"
    for _ in $(seq 1 40); do
      kill -0 "$pid" 2>/dev/null || break
      beat "waiting for the engine to stop"
      sleep 0.5
    done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  local mounted
  # Deepest first, so that each can be unmounted.
  while read -r mounted; do
    umount -l "$mounted" 2>/dev/null || true
  done < <(awk -v a="$STATE/" -v b="$RUN/" \
    'index($2, a) == 1 || index($2, b) == 1 {print $2}' /proc/mounts | sort -r)
  rm -rf --one-file-system "$RUN/exec" "$RUN/docker.sock" "$RUN/docker.pid"
}

# --- commands -----------------------------------------------------------------------------------

up() {
  local lock=$RUN/up.lock
  if ! mkdir -p "$RUN" 2>/dev/null || ! [ -w "$RUN" ]; then
    lock=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}}/algoreg-engine-$(id -u).lock
  fi
  # Two `make` at once must not start two engines.
  exec 9>"$lock"
  if ! flock -n 9; then
    say "another engine.sh is at work; waiting for it"
    flock 9
  fi
  ensure_engine
  "$HERE/engine_images.sh" "$ENGINE" 9>&-
  "$HERE/engine_pfa.sh" "$ENGINE" 9>&-
  for name in typesafe registry; do
    "$HERE/engine_test_image.sh" "$ENGINE" "$name" 9>&- ||
      say "without algoreg/$name:1 only the tests that need it fail; they will try to build it again"
  done
  say "ready after $SECONDS s"
}

down() {
  if [ "$(id -u)" != 0 ]; then
    say "there is no private engine to stop: it is only ever started by root"
    return
  fi
  stop_private
  if [ "${1:-}" = --purge ]; then
    rm -rf --one-file-system "$STATE"
    say "private engine stopped, its images deleted"
  else
    say "private engine stopped; its images stay in $STATE (--purge deletes them)"
  fi
}

environment() {
  local host
  host=$(find_engine) || {
    [ "${DOCKER_HOST:-$PRIVATE}" != "$PRIVATE" ] || say "no container engine answers: scripts/engine.sh up"
    exit "$NO_ENGINE"
  }
  if [ "$host" != "$DEFAULT" ]; then echo "export DOCKER_HOST=$host"; fi
}

status() {
  local host image
  host=$(find_engine) || {
    [ "${DOCKER_HOST:-$PRIVATE}" != "$PRIVATE" ] || say "no container engine answers: scripts/engine.sh up"
    exit "$NO_ENGINE"
  }
  echo "engine: $host: $(api ping "$host")"
  for image in algoreg/base:bookworm algoreg/postgresql:15 algoreg/pfa:1 algoreg/typesafe:1 algoreg/registry:1; do
    if api label "$host" "$image" algoreg.recipe >/dev/null; then
      echo "image: $image"
    else
      echo "image: $image is missing (scripts/engine.sh up builds it)"
    fi
  done
}

case "${1:-}" in
up) up ;;
down) down "${2:-}" ;;
env) environment ;;
status) status ;;
*)
  say "usage: $0 up | down [--purge] | env | status"
  exit 2
  ;;
esac
