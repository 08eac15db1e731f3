# shellcheck shell=bash
# What the scripts share: telling a waiting person what is going on (on stderr, with the seconds since
# the start), finding a Python, installing a system package on Debian. Sourced, not run.

# One clock for a script and those it calls: seconds since the first of them began.
export ALGOREG_BEGAN=${ALGOREG_BEGAN:-$EPOCHSECONDS}
SECONDS=$((EPOCHSECONDS - ALGOREG_BEGAN))

say() { printf '[%3d s] %s\n' "$SECONDS" "$*" >&2; }

die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

BEAT_EVERY=${BEAT_EVERY:-5}
_last_beat=0

# Say it at most every few seconds: enough to show life, too little to fill a log.
beat() {
  if [ $((SECONDS - _last_beat)) -ge "$BEAT_EVERY" ]; then
    _last_beat=$SECONDS
    say "... $*"
  fi
}

# Runs a command with its output put away, shows that it lives, and shows the output's end if it fails.
step() {
  local title=$1 log pid began=$SECONDS status=0
  shift
  log=$(mktemp "${STEP_LOGS:-${TMPDIR:-/tmp}}/algoreg-step.XXXXXX")
  say "$title"
  _last_beat=$SECONDS
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    beat "$title ($((SECONDS - began)) s)"
    sleep 0.2
  done
  wait "$pid" || status=$?
  if [ "$status" != 0 ]; then
    say "failed: $title; the end of its output:"
    tail -n 20 "$log" >&2
  else
    say "done in $((SECONDS - began)) s: $title"
  fi
  rm -f "$log"
  return "$status"
}

any_python() {
  local candidate
  for candidate in ${PYTHON:-} /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
    if "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  die 1 "Python 3.10 or newer is needed; none was found (set PYTHON)"
}

is_debian_root() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v dpkg >/dev/null &&
    grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  # Our own scripts run side by side, and apt does not wait for another apt's package lists.
  (
    flock 8
    # A third party's source that is down must not stop us: what counts is whether the install works.
    apt-get -o DPkg::Lock::Timeout=180 update || true
    apt-get -o DPkg::Lock::Timeout=180 -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@"
  ) 8>/run/algoreg-apt.lock
}
