#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The two commands of the README, as far as they can be asked without running everything.

setup() {
  top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

@test "demo refuses a TEE that it does not know" {
  run "$top/demo" --tee sgx
  [ "$status" -eq 1 ]
  [[ "$output" == *"unknown TEE 'sgx'"* ]]
  run "$top/demo" --tee
  [ "$status" -eq 1 ]
  [[ "$output" == *"optee or simtee"* ]]
}

@test "demo --help says what it does, on which TEEs, and that the simulator protects nothing" {
  run "$top/demo" --help
  [ "$status" -eq 0 ]
  [[ "$output" == *"Usage: ./demo [--tee optee|simtee]"* ]]
  [[ "$output" == *"(default)"* ]]
  [[ "$output" == *"protects nothing"* ]]
}

@test "the image's build refuses what does not go together" {
  run "$top/device/image/build" --profile debug
  [ "$status" -eq 1 ]
  [[ "$output" == *"production, test"* ]]
  run "$top/device/image/build" --profile test --root "$top/README.md"
  [ "$status" -eq 1 ]
  [[ "$output" == *"takes any root"* ]]
  run "$top/device/image/build" --board abacus
  [ "$status" -eq 1 ]
  [[ "$output" == *"no board 'abacus'; there are: k3-am62x rockchip-rk3588"* ]]
  run "$top/device/image/build" --help
  [ "$status" -eq 0 ]
}

@test "test lists its stages and refuses others" {
  run "$top/test" --list
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = lint ]
  run "$top/test" nonsense
  [ "$status" -eq 1 ]
  [[ "$output" == *"no stage 'nonsense'"* ]]
}

@test "every package that the scripts install is in the table of docs/architecture.md" {
  # shellcheck disable=SC1091
  source "$top/tools/common.sh"
  table=$(sed -n '/^## Dependencies/,$p' "$top/docs/architecture.md")
  for package in "${build_packages[@]}" "${test_packages[@]}"; do
    grep -qE "^\|.*\b${package//./\\.}\b" <<<"$table" || { echo "$package"; false; }
  done
}

@test "figures lists its names and refuses others" {
  run "$top/tests/bench/figures"
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = build-throughput ]
  run "$top/tests/bench/figures" nonsense
  [ "$status" -eq 1 ]
}

# A machine as the scripts see it: what dpkg-query, apt-get, id and sudo answer is made up here.
machine() { # machine DEBIAN-VERSION UID
  bin=$BATS_TEST_TMPDIR/bin
  mkdir -p "$bin"
  printf '#!/bin/sh\nexit 1\n' >"$bin/dpkg-query"
  printf '#!/bin/sh\necho %s\n' "$2" >"$bin/id"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "apt-get $*" >>"%s/apt"\n[ -f "%s/updated" ] || { case "$*" in *update*) : >"%s/updated";; *) exit 100;; esac; }\n' \
    "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" >"$bin/apt-get"
  chmod +x "$bin"/*
  cat >"$BATS_TEST_TMPDIR/script" <<END
top="$top"
. "\$top/tools/common.sh"
debian_release() { echo $1; }
set -euo pipefail
PATH="$bin:/usr/bin:/bin"
command() { [ "\$2" != sudo ] || return 1; builtin command "\$@"; }
install_packages one two
END
}

@test "packages: lists that were never fetched are fetched, then it is tried again" {
  machine 12 0
  run bash "$BATS_TEST_TMPDIR/script"
  [ "$status" -eq 0 ]
  [ "$(grep -c update "$BATS_TEST_TMPDIR/apt")" -eq 1 ]
  [ "$(grep -c 'install.*one two' "$BATS_TEST_TMPDIR/apt")" -eq 2 ]
}

@test "packages: another system gets the list, and nothing is run" {
  machine '' 0
  run bash "$BATS_TEST_TMPDIR/script"
  [ "$status" -ne 0 ]
  [[ "$output" == *"not Debian 12 or 13"*"one two"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}

@test "packages: neither root nor sudo: says what root has to run" {
  machine 13 1000
  run bash "$BATS_TEST_TMPDIR/script"
  [ "$status" -ne 0 ]
  [[ "$output" == *"apt-get install --no-install-recommends one two"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/apt" ]
}
