#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Applications that edb-sdk builds, from their folder to an answer on the simulator. (The sample, in all
# other tests, is one of them, too.)

bats_require_minimum_version 1.5.0
load device.bash

setup() {
  cd "$BATS_TEST_TMPDIR"
  sdk=$EDB_BUILD/sdk/edb-sdk/edb-sdk
  world_make
}

teardown() { device_stop; }

# admit ID : keys for it, and an operator who lets it in
admit() {
  cpk_tool keygen --quiet -a "$1" -k keys/class-keys.json
  sed -i "s/\"$data_id\"/&, \"$1\"/" operator.json
  edb_policy operator --quiet -i operator.json -s keys/operator.key -o operator.policy
}
# installed ID IMAGE : on a new device
installed() {
  admit "$1"
  pack "$1" 1.0.0 "$2" app.cpk
  device_start device
  device_provision
  device_sync "$1"
  cpk_tool install --quiet -p app.cpk
}

@test "a new application builds, installs and answers" {
  "$sdk" new --quiet fresh
  "$sdk" build --quiet fresh
  installed "$(jq -r .uuid fresh/enclave.json)" fresh/build-simtee/fresh.ta.elf
  [ "$(fresh/build-simtee/fresh)" = '2 + 3 = 5, says the enclave' ]
  cpk_tool remove --quiet -a "$(jq -r .uuid fresh/enclave.json)"
  fails 1 'is the application installed?' fresh/build-simtee/fresh
}

@test "what it prints packs: the very command" {
  "$sdk" new --quiet fresh
  id=$(jq -r .uuid fresh/enclave.json)
  "$sdk" build fresh | sed -n '/^  cpk-tool build/,$p' >command
  sed -i 's|cpk-tool|cpk_tool|; s|class-keys.json|keys/&|; s|-s vendor|-s keys/vendor|; s|-c vendor|-c keys/vendor|' command
  cpk_tool keygen --quiet -a "$id" -k keys/class-keys.json
  # shellcheck disable=SC1091
  source ./command
  cpk_tool verify --quiet -p fresh.cpk --anchor keys/vendor.key.crt
}

@test "one that calls back, with a caller of its own name and another application's" {
  source=$(cd "$BATS_TEST_DIRNAME/../device" && pwd)
  "$sdk" build --quiet -o out "$source/nothing"
  "$sdk" build --quiet -o out -I out "$source/caller"
  installed "$(jq -r .uuid "$source/caller/enclave.json")" out/caller.ta.elf
  run out/caller test
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ': good$' <<<"$output")" -eq 5 ]
}
