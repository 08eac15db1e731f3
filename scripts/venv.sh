#!/usr/bin/env bash
# The virtual environment everything is run from: venv.sh FOLDER
# In a script of its own because a bare Debian has a Python without the means to make one.
set -euo pipefail

VENV=$1
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"

# The newest version that the project supports and that can make environments.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

if ! "$VENV/bin/python" -c '' 2>/dev/null; then
  if ! python=$(find_python); then
    [ -z "${PYTHON:-}" ] || die 1 "PYTHON=$PYTHON is no working Python 3.11 to 3.13 with venv and ensurepip"
    is_debian_root || die 1 "Python 3.11 to 3.13 with venv is needed; set PYTHON to one"
    step "installing python3-venv" apt_install python3 python3-venv || exit 1
    python=$(find_python) || die 1 "the system's Python is not 3.11 to 3.13; set PYTHON to one that is"
  fi
  step "creating $VENV with $("$python" --version)" "$python" -m venv "$VENV"
fi

cd "$ROOT"
step "installing algoreg and its tools into $VENV" \
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-compile \
  --constraint constraints.txt --editable '.[all,dev]'
# On every processor, and the checkout, too: where PYTHONDONTWRITEBYTECODE is set, each process would compile it again.
compile_all() {
  # Some packages hold files for other Pythons, which is no failure; their own tests are never run here.
  "$VENV/bin/python" -m compileall -qq -j 0 -x /tests/ "$VENV/lib" registry plugins || [ $? = 1 ]
}
step "compiling what was installed" compile_all
