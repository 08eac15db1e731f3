#!/usr/bin/env bash
# The two images algoreg stands on, made from Debian's packages: no image registry is asked.
# Called by engine.sh with the engine's address; leaves alone what is there and up to date.
#
#   algoreg/base:bookworm   Python with a virtual environment first in PATH, so that `RUN pip install`
#                           works as in the public python images
#   algoreg/postgresql:15   PostgreSQL with a cluster initialised already: a validation copies it to
#                           memory and is ready in half a second
#
# shellcheck disable=SC2016  # the hooks' "$1" is expanded by mmdebstrap: the new root folder
# shellcheck disable=SC2317  # functions are called through `step`
set -euo pipefail

ENGINE=$1
SUITE=bookworm
BASE_IMAGE=algoreg/base:$SUITE
DATABASE_IMAGE=algoreg/postgresql:15
CERTIFICATES=/etc/ssl/certs/ca-certificates.crt
LABEL=algoreg.recipe
POSTGRES=/usr/lib/postgresql/15/bin
CLUSTER=/opt/algoreg/cluster

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
PYTHON=$(any_python)

api() { "$PYTHON" -I -S "$HERE/engine_api.py" "$@"; }

# An image made by an older recipe, or with certificates that the host no longer has, is made anew.
recipe() { cat "${BASH_SOURCE[0]}" "$CERTIFICATES" 2>/dev/null | sha256sum | cut -c1-16; }

# present, stale or missing
state_of() {
  local found
  if ! found=$(api label "$ENGINE" "$1" "$LABEL" 2>/dev/null); then
    echo missing
  elif [ "$found" = "$RECIPE" ]; then
    echo present
  else
    echo stale
  fi
}

# --- what the images hold -----------------------------------------------------------------------

# Licences stay, everything else that no program reads goes.
COMMON=(
  --variant=minbase
  --dpkgopt=force-unsafe-io
  --dpkgopt=path-exclude=/usr/share/doc/*
  --dpkgopt=path-include=/usr/share/doc/*/copyright
  --dpkgopt=path-exclude=/usr/share/man/*
  --dpkgopt=path-exclude=/usr/share/info/*
  --dpkgopt=path-exclude=/usr/share/locale/*
  --dpkgopt=path-exclude=/usr/share/lintian/*
)

STRIP='
  rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/debconf/*-old "$1"/var/log/*.log "$1"/var/log/apt \
    "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap'

base_root() {
  # Imports are most of what a validation costs: nothing may be compiled again at each start.
  bootstrap "$1" --include=python3,python3-venv,ca-certificates \
    --customize-hook='chroot "$1" python3 -m venv /opt/venv' \
    --customize-hook='chroot "$1" python3 -m compileall -q -j 0 /usr/lib/python3 /usr/lib/python3.11 /opt/venv || true' \
    --customize-hook="if [ -s $CERTIFICATES ]; then cp -L $CERTIFICATES \"\$1$CERTIFICATES\"; fi"
}

database_root() {
  # LLVM is a quarter of the image and only speeds up long queries: without it the server plans without JIT.
  # The package's own cluster is of no use here; ours is initialised by the user who will run it.
  bootstrap "$1" --include=postgresql-15 \
    --dpkgopt='path-exclude=/usr/lib/*/libLLVM*' \
    --dpkgopt='path-exclude=/usr/lib/*/libz3.so*' \
    --dpkgopt='path-exclude=/usr/lib/postgresql/15/lib/bitcode/*' \
    --dpkgopt='path-exclude=/usr/lib/postgresql/15/lib/llvmjit*' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common"' \
    --essential-hook='echo create_main_cluster = false >"$1/etc/postgresql-common/createcluster.conf"' \
    --customize-hook="install -d -o \$(stat -c %u \"\$1/var/lib/postgresql\") -g \$(stat -c %g \"\$1/var/lib/postgresql\") \"\$1${CLUSTER%/*}\"" \
    --customize-hook="chroot \"\$1\" runuser -u postgres -- $POSTGRES/initdb --pgdata=$CLUSTER --encoding=UTF8 --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 --no-sync"
}

# --- how they are made --------------------------------------------------------------------------

# Debian's own sources of this suite as the host has them: its mirror, and nobody else's packages.
host_sources() {
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v suite="$SUITE" '$1 == "Debian" && index($2, suite) == 1 && $3 == "main" {print "deb", $4, $5, $3}' | sort -u
}

# How the host reaches its mirror holds for the images' packages too.
host_apt_options() {
  apt-config dump | grep -E '^Acquire::(https?::(Proxy|CaInfo)|Check-Valid-Until|Check-Date|Retries)' || true
}

bootstrap() {
  local tar=$1 sources=()
  shift
  if [ -s "$WORK/sources.list" ]; then sources=("$WORK/sources.list"); fi
  # Python must write its compiled files whatever the person's shell says about that.
  env -u PYTHONDONTWRITEBYTECODE -u SOURCE_DATE_EPOCH TMPDIR="$WORK" LC_ALL=C.UTF-8 \
    mmdebstrap --mode="$MODE" "${COMMON[@]}" --aptopt="$WORK/apt.conf" "$@" \
    --customize-hook="$STRIP" "$SUITE" "$tar" "${sources[@]}"
}

make_image() {
  local image=$1 root=$2 tar=$WORK/$2.tar
  shift 2
  "$root" "$tar"
  api import "$ENGINE" "$tar" "$image" "LABEL $LABEL=$RECIPE" "$@"
  rm -f "$tar"
}

make_base() {
  make_image "$BASE_IMAGE" base_root \
    "ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin" "ENV LANG=C.UTF-8" \
    "ENV PIP_CERT=$CERTIFICATES" 'CMD ["python3"]'
}

make_database() {
  make_image "$DATABASE_IMAGE" database_root \
    "ENV PATH=$POSTGRES:/usr/local/bin:/usr/bin:/bin" "ENV LANG=C.UTF-8" "USER postgres" \
    "CMD [\"$POSTGRES/postgres\", \"-D\", \"$CLUSTER\"]"
}

# Nothing is lost without them where the public images can be pulled, so this is not a failure.
public_instead() {
  say "$1: ${MISSING[*]} cannot be built here; the public images will be pulled when they are needed"
  exit 0
}

prepare_tools() {
  if [ "$(id -u)" = 0 ]; then
    MODE=root
    command -v apt-get >/dev/null || public_instead "this is not Debian"
    local packages=()
    command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || packages+=(debian-archive-keyring)
    if [ ${#packages[@]} != 0 ]; then
      step "installing ${packages[*]}" apt_install "${packages[@]}"
    elif [ -z "$(host_sources)" ]; then
      step "reading the package lists" apt_install
    fi
  else
    MODE=unshare
    command -v mmdebstrap >/dev/null || public_instead "neither root nor mmdebstrap"
  fi
}

# Never delete below a mount: a build that was interrupted can have the host's /dev in it.
clean_up() {
  local job mounted
  for job in $(jobs -p); do kill -TERM -- "-$job" 2>/dev/null || true; done
  wait || true
  while read -r mounted; do
    umount -l "$mounted" 2>/dev/null || true
  done < <(awk -v a="$WORK/" 'index($2, a) == 1 {print $2}' /proc/mounts | sort -r)
  rm -rf --one-file-system "$WORK"
}

RECIPE=$(recipe)
MISSING=()
for image in "$BASE_IMAGE" "$DATABASE_IMAGE"; do
  [ "$(state_of "$image")" = present ] || MISSING+=("$image")
done
if [ ${#MISSING[@]} = 0 ]; then
  say "images present: $BASE_IMAGE $DATABASE_IMAGE"
  exit 0
fi

prepare_tools
WORK=$(mktemp -d "${TMPDIR:-/tmp}/algoreg-images.XXXXXX")
STEP_LOGS=$WORK
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
# Others must be able to enter: PostgreSQL's own user initialises the cluster below this folder.
chmod 0755 "$WORK"
host_sources >"$WORK/sources.list"
host_apt_options >"$WORK/apt.conf"

# Each in a process group of its own, so that an interrupted build can be ended with all its children.
set -m
building=()
for image in "${MISSING[@]}"; do
  case $image in
  "$BASE_IMAGE") step "building $image" make_base & ;;
  "$DATABASE_IMAGE") step "building $image" make_database & ;;
  esac
  building+=($!)
done
failed=0
for job in "${building[@]}"; do wait "$job" || failed=1; done
exit "$failed"
