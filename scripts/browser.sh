#!/usr/bin/env bash
# What the tests of our HTML pages need: a headless Chromium, and axe, which judges how accessible a page is.
# Without one of them the tests that use it are skipped and say so.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

AXE=axe-core@4.14.1
AXE_SHA256=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745 # of the packed file; it depends on nothing
AXE_FOLDER=$ROOT/build/axe # outside git; tests/support/axe.py looks here

chromium() {
  local name found
  for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    # Programs only: this function's own name is one of them.
    if found=$(type -P "$name"); then
      say "the browser is $found"
      return
    fi
  done
  is_debian_root || die 1 "no Chromium is here; install one, or set ALGOREG_CHROMIUM to its program"
  step "installing chromium-headless-shell" apt_install chromium-headless-shell fonts-dejavu-core
}

# shellcheck disable=SC2317 # called through `step`
# The package as it is published, of the content that we know, where npm itself would have put it.
fetched() {
  local fresh=$1 packed place=$1/node_modules/axe-core
  packed=$(npm pack --silent --pack-destination "$fresh" "$AXE") || return
  printf '%s  %s\n' "$AXE_SHA256" "$fresh/$packed" | sha256sum --check || return
  mkdir -p "$place" || return
  tar -xzf "$fresh/$packed" -C "$place" --strip-components=1 --no-same-owner
}

axe() {
  local fresh
  if [ "$(cat "$AXE_FOLDER/name" 2>/dev/null)" = "$AXE" ]; then
    say "$AXE is in $AXE_FOLDER"
    return
  fi
  if ! command -v npm >/dev/null; then
    is_debian_root || die 1 "npm is needed to fetch $AXE; install it"
    step "installing npm" apt_install npm || return
  fi
  mkdir -p "$(dirname "$AXE_FOLDER")" || return
  fresh=$(mktemp -d "$AXE_FOLDER.XXXXXX") || return
  if step "fetching $AXE" fetched "$fresh"; then
    printf '%s\n' "$AXE" >"$fresh/name"
    rm -rf "$AXE_FOLDER"
    mv "$fresh" "$AXE_FOLDER"
  else
    rm -rf "$fresh"
    die 1 "$AXE cannot be fetched: pages are not judged by it"
  fi
}

status=0
(chromium) || status=$?
(axe) || status=$?
exit "$status"
