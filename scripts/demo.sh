#!/usr/bin/env bash
# The whole point in a minute: a real kNN image is judged and passes, and a twin of it that hides its exit
# code is refused for exactly that. Ends with 0 only when both verdicts are the right ones.
# Expects algoreg in PATH; `make demo` brings it and an engine.
set -euo pipefail

GOOD=algoreg/knn:0.1.0
BROKEN=algoreg/knn-masked:0.1.0
EXPECTED=neg.exit-code

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

# A log deserves to see that something happens, too.
if ! [ -t 2 ]; then export ALGOREG_PROGRESS=${ALGOREG_PROGRESS:-plain}; fi

WORK=$(mktemp -d "${TMPDIR:-/tmp}/algoreg-demo.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

# Shows the command as a person would type it, then runs it.
run() {
  printf '\n$ %s\n' "$*" >&2
  "$@"
}

# judge EXPECTED-EXIT-CODE TARGET [OPTION...]
judge() {
  local expected=$1 status=0
  shift
  # Only the report is kept: the progress goes to the person's terminal as it is.
  run algoreg validate "$@" | tee "$WORK/report" || status=${PIPESTATUS[0]}
  [ "$status" = "$expected" ] || die 1 "DEMO FAILED: exit code $status where $expected was expected"
}

refused_for_the_right_reason() {
  local failed
  failed=$(sed -nE 's/^ +FAIL ([a-z.-]+).*/\1/p' "$WORK/report" | paste -sd ' ')
  [ "$failed" = "$EXPECTED" ] || die 1 "DEMO FAILED: $EXPECTED alone should have failed, not: $failed"
}

on_the_engine() {
  cd "$ROOT"
  run algoreg build knn
  say "judging the image"
  judge 0 "$GOOD"

  say "building the broken twin: its entrypoint is a shell that forgets how the program ended"
  masked_image
  judge 1 "$BROKEN"
  refused_for_the_right_reason
}

# One layer over the good image. The engine's classic builder is enough for it, and no docker client is
# needed: the library that algoreg itself uses speaks to the engine.
masked_image() {
  cat >"$WORK/Dockerfile" <<DOCKERFILE
FROM $GOOD
ENTRYPOINT $(masked_entrypoint)
DOCKERFILE
  cat "$WORK/Dockerfile" >&2
  "$(algoreg_python)" - "$WORK" "$BROKEN" <<'PYTHON'
import sys

import docker

docker.from_env().images.build(path=sys.argv[1], tag=sys.argv[2], rm=True)
PYTHON
}

# The good image's own entrypoint, inside a shell that ends with 0 whatever happened.
masked_entrypoint() {
  "$(algoreg_python)" - "$GOOD" <<'PYTHON'
import json
import shlex
import sys

import docker

entrypoint = docker.from_env().images.get(sys.argv[1]).attrs["Config"]["Entrypoint"]
print(json.dumps(["sh", "-c", f'{shlex.join(entrypoint)} "$@"; true', "sh"]))
PYTHON
}

# The Python that algoreg runs with.
algoreg_python() { echo "$(dirname "$(command -v algoreg)")/python"; }

# Without an engine the plugin's own program is judged, in a subprocess: what an image adds stays unseen.
as_processes() {
  say "*** no container engine: this demo judges the kNN program, not an image (see the lines above) ***"
  cd "$ROOT"
  judge 0 --engine process plugins/knn

  say "making the broken twin: a copy of the plugin whose program forgets how it ended"
  cp -R plugins/knn "$WORK/knn"
  mask_program "$WORK/knn"
  judge 1 --engine process "$WORK/knn"
  refused_for_the_right_reason
}

mask_program() {
  local main
  main=$(find "$1" -name __main__.py)
  mv "$main" "${main%/*}/unmasked.py"
  cat >"$main" <<'PYTHON'
"""The broken twin: runs the real program and reports success whatever it says."""

import os
import runpy
import sys

try:
    runpy.run_module(f"{__package__}.unmasked", run_name="__main__", alter_sys=True)
except SystemExit:
    pass
sys.stdout.flush()
os._exit(0)
PYTHON
}

if engine=$("$HERE/engine.sh" env 2>/dev/null); then
  eval "$engine"
  on_the_engine
else
  as_processes
fi
say "DEMO OK: kNN PASS, the broken twin FAIL with $EXPECTED"
say "next: ${engine:+eval \"\$(scripts/engine.sh env)\"; }.venv/bin/algoreg --help"
