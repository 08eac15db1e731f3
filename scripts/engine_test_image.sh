#!/usr/bin/env bash
# algoreg/NAME:1, an image that only tests need, from tests/support/NAME, on the local base image.
# engine_test_image.sh ENGINE NAME: called by engine.sh with the engine's address, after engine_images.sh, and by the
# tests themselves; leaves alone what is up to date. `engine.sh up` goes on where it cannot be built.
set -euo pipefail

ENGINE=$1
NAME=$2
IMAGE=algoreg/$NAME:1
BASE_IMAGE=algoreg/base:bookworm
PUBLIC_BASE=debian:bookworm-slim
LABEL=algoreg.recipe

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FOLDER=$HERE/../tests/support/$NAME
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
PYTHON=$(any_python)

api() { "$PYTHON" -I -S "$HERE/engine_api.py" "$@"; }

files=()
for file in "$FOLDER"/*; do
  if [ "${file##*/}" != Dockerfile ]; then files+=("$file"); fi
done
RECIPE=$(cat "$FOLDER/Dockerfile" ${files[@]+"${files[@]}"} | sha256sum | cut -c1-16)
if [ "$(api label "$ENGINE" "$IMAGE" "$LABEL" 2>/dev/null)" = "$RECIPE" ]; then
  say "image present: $IMAGE"
  exit 0
fi
base=$BASE_IMAGE
api label "$ENGINE" "$BASE_IMAGE" "$LABEL" >/dev/null 2>&1 || base=$PUBLIC_BASE
step "building $IMAGE" api build "$ENGINE" "$FOLDER/Dockerfile" "$IMAGE" "BASE=$base" "$LABEL=$RECIPE" \
  ${files[@]+"${files[@]}"}
