# shellcheck shell=bash
# How the scripts tell a waiting person what is going on: on stderr, with the seconds since the start.
# Sourced, not run.

elapsed() { echo "$SECONDS"; }

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
  log=$(mktemp)
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
