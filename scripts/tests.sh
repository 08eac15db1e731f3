#!/usr/bin/env bash
# All tests in two lanes, side by side: those of an engine wait a lot, and the others compute meanwhile.
# tests.sh PYTHON [PYTEST-ARGUMENT...]; what the second lane printed follows when both are through.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

PYTHON=$1
shift
NOTHING_COLLECTED=5

logs=$(mktemp -d "${TMPDIR:-/tmp}/algoreg-tests.XXXXXX")
log=$logs/plain
# A group of its own: a plain background job ignores SIGINT, and so would every program that a test interrupts.
set -m
"$PYTHON" -m pytest -m "not engine" -p no:cacheprovider "$@" >"$log" 2>&1 </dev/null &
plain=$!
set +m

stop() {
  trap - INT TERM
  kill -INT -- "-$plain" 2>/dev/null
  wait "$plain"
  rm -rf "$logs"
  exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM

say "the tests without an engine run beside these, and are shown below"
engine_status=0
"$PYTHON" -m pytest -m engine "$@" | tee -i "$logs/engine" || engine_status=$?

while kill -0 "$plain" 2>/dev/null; do
  beat "tests without an engine: $(tail -n 1 "$log" | cut -c 1-100)"
  sleep 1
done
plain_status=0
wait "$plain" || plain_status=$?
printf '\n'
cat "$log"
# What failed is said last: thousands of lines lie between, and a log may be cut.
failed=$(grep -hE '^(FAILED|ERROR) ' "$logs/engine" "$log")
rm -rf "$logs"

if [ "$engine_status" = "$NOTHING_COLLECTED" ] && [ "$plain_status" != "$NOTHING_COLLECTED" ]; then engine_status=0; fi
if [ "$plain_status" = "$NOTHING_COLLECTED" ]; then plain_status=$engine_status; fi
[ -z "$failed" ] || printf '%s\n' "$failed"
say "tests on an engine: exit $engine_status, tests without one: exit $plain_status"
[ "$engine_status" = 0 ] || exit "$engine_status"
exit "$plain_status"
