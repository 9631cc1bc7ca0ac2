# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # the sourcing script sets and uses some
#
# What the scripts of this tree share: messages, and installing Debian packages.
# Sourced by ./demo, ./test and tests/*; the sourcing script has set $top to the tree's root.

export LC_ALL=C.UTF-8

# Colours only where somebody sees them.
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' cyan=$'\e[36m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' cyan='' plain=''
fi

say() { printf '%s\n' "$*"; }
note() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }
complain() { printf '%s%s:%s %s\n' "$red" "${0##*/}" "$plain" "$*" >&2; }
die() {
  complain "$@"
  exit 1
}

# The two command lines of the README know the packages; both use these lists.
#   package          what for
build_packages=(
  gcc              # the compiler
  libc6-dev        # the C library's headers (gcc only recommends them)
  meson            # the build
  ninja-build      # the build
  pkgconf          # finds the libraries
  libssl-dev       # cryptography
  libjansson-dev   # JSON
  libcbor-dev      # CBOR
  libcurl4-openssl-dev # HTTP
  libp11-kit-dev   # PKCS#11
  libseccomp-dev   # confines the simulator's applications
  openssl          # the demo checks answers with it
)
test_packages=(
  git              # asks which files belong to the tree
  libcmocka-dev    # unit tests
  bats             # tests of command lines and end to end
  jq               # reads JSON in those tests
  procps           # looks after processes in those tests
  softhsm2         # a PKCS#11 token to test with
  opensc           # puts keys into that token
  python3          # answers HTTP in tests of the key contract
  python3-cryptography # the independent reader of packages checks with it
  mandoc           # checks the manual pages
  clang            # second compiler, fuzzers
  libclang-rt-dev  # its sanitizers
  clang-format     # checks the layout of the code
  clang-tidy       # static analysis
  cppcheck         # static analysis
  gcovr            # coverage
  shellcheck       # checks these scripts
  time             # peak memory of a command
  e2fsprogs        # edb-device makes disks; not in every Debian 13
)
# What making and running the TrustZone device needs besides.
image_packages=(
  gcc-aarch64-linux-gnu # compiles for the device
  make             # OP-TEE's and TF-A's builds
  python3-pyelftools   # OP-TEE's build
  python3-cryptography # OP-TEE's build
  dpkg-dev         # unpacks source packages
  xz-utils         # unpacks kernel modules
  bc               # TF-A's build
  device-tree-compiler # TF-A's build
  cpio             # the root file system's archive
  jq               # image.json
  qemu-system-arm  # runs the device
  e2fsprogs        # makes its disk
)

# debian_mirror : the first Debian archive among apt's own sources, in either style of source list.
debian_mirror() {
  # shellcheck disable=SC2016 # apt-get expands these
  apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(REPO_URI)' |
    awk '$1 == "Packages" && $2 == "Debian" && $3 !~ /security/ { print $3; exit }'
}

# Which Debian this is: 12, 13 or something else. Only asked when something must be installed.
debian_release() (
  [ -r /etc/os-release ] || exit 0
  # shellcheck disable=SC1091
  . /etc/os-release
  [ "${ID-}" = debian ] && echo "${VERSION_ID-}"
)

# install_packages NAME... : installs those that are missing; quiet when none is.
install_packages() {
  local missing=() name have
  have=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
  for name in "$@"; do
    case "$have" in
    *" installed:$name "*) ;;
    *) missing+=("$name") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  case "$(debian_release)" in
  12 | 13) ;;
  *)
    complain "this is not Debian 12 or 13, so nothing is installed here by itself."
    say "It needs what Debian calls: ${missing[*]}" >&2
    say "A plain build works wherever those libraries are: meson setup build && ninja -C build" >&2
    return 1
    ;;
  esac

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      complain "packages are missing; become root, or install sudo, or have root run:"
      say "  apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)

  say "Installing Debian packages: ${missing[*]}"
  local apt=("${as_root[@]}" apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
  local log
  log=$(mktemp)
  # The package lists may never have been fetched, or be older than the archive: one second try.
  if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
    if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } \
      >"$log" 2>&1 </dev/null; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      complain "apt-get could not install: ${missing[*]}"
      return 1
    fi
  fi
  rm -f "$log"
}

# configure FOLDER [meson option...] : makes the build folder, or brings its options up to date.
configure() {
  local dir=$1
  shift
  if [ -f "$dir/build.ninja" ]; then
    meson configure "$dir" "$@" >/dev/null
  else
    rm -rf "$dir"
    meson setup "$dir" "$top" "$@"
  fi
}
