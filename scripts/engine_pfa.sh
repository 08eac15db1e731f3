#!/usr/bin/env bash
# algoreg/pfa:1, in which PFA documents are evaluated: the Dockerfile of the package, on the local base image.
# Called by engine.sh with the engine's address, after engine_images.sh; leaves alone what is up to date.
# `algoreg validate` builds the same image by itself where it is not there, so a failure here is only told.
set -euo pipefail

ENGINE=$1
IMAGE=algoreg/pfa:1
BASE_IMAGE=algoreg/base:bookworm
LABEL=algoreg.recipe

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DOCKERFILE=$HERE/../registry/algoreg/engines/docker/pfa.Dockerfile
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
PYTHON=$(any_python)

api() { "$PYTHON" -I -S "$HERE/engine_api.py" "$@"; }

# The same words as in algoreg.engines.docker.evaluator.
RECIPE=$(sha256sum "$DOCKERFILE" | cut -c1-16)
if [ "$(api label "$ENGINE" "$IMAGE" "$LABEL" 2>/dev/null)" = "$RECIPE" ]; then
  say "image present: $IMAGE"
  exit 0
fi
if ! api label "$ENGINE" "$BASE_IMAGE" "$LABEL" >/dev/null 2>&1; then
  say "$IMAGE is left to algoreg validate, which builds it on the public image when it is needed"
  exit 0
fi
step "building $IMAGE" api build "$ENGINE" "$DOCKERFILE" "$IMAGE" "BASE=$BASE_IMAGE" "$LABEL=$RECIPE" ||
  say "without $IMAGE everything but PFA documents can be judged; algoreg validate will try to build it again"
