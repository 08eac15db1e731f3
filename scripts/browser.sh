#!/usr/bin/env bash
# A headless Chromium for the tests that open the HTML report; without one these tests are skipped and say so.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

for name in chromium-headless-shell chromium chromium-browser google-chrome; do
  if found=$(command -v "$name"); then
    say "the browser is $found"
    exit 0
  fi
done
is_debian_root || die 1 "no Chromium is here; install one, or set ALGOREG_CHROMIUM to its program"
step "installing chromium-headless-shell" apt_install chromium-headless-shell fonts-dejavu-core
