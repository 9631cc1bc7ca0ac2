#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# An application made by edb-sdk, on the TrustZone device, as its vendor goes: with the device's kit and
# nothing of this tree. (The sample and the other applications of these tests are built by it, too.)

bats_require_minimum_version 1.5.0
load device.bash

setup() {
  cd "$BATS_TEST_TMPDIR"
  devices_here
}

teardown() { devices_off; }

@test "a new application builds with the device's kit, installs and answers" {
  image=$cache/image/production
  library=$image/sysroot/usr/lib/aarch64-linux-gnu
  sdk=$EDB_BUILD/sdk/edb-sdk/edb-sdk
  "$sdk" new --quiet fresh
  CFLAGS="--sysroot='$image/sysroot'" LDFLAGS="'-B$library' '-L$library'" \
    "$sdk" build --quiet --tee optee --ta-dev-kit "$image/kit" fresh
  id=$(jq -r .uuid fresh/enclave.json)
  world_make
  cp "$cache"/demo-root/root.key* keys/
  edb_policy device --quiet -i device.json -s keys/root.key -o device.policy
  cpk_tool keygen --quiet -a "$id" -k keys/class-keys.json
  sed -i "s/\"$data_id\"/&, \"$id\"/" operator.json
  edb_policy operator --quiet -i operator.json -s keys/operator.key -o operator.policy
  pack "$id" 1.0.0 fresh/build-optee/fresh.ta.elf fresh.cpk --target-arch aarch64 --target-os OP-TEE
  edb_device create --quiet a
  start a
  carry a keys/root.key.pub device.policy operator.policy fresh.cpk
  on a cpk-tool provision --quiet -r root.key.pub -P device.policy
  on a cpk-tool policy --quiet operator.policy
  hand_over_key a "$id"
  edb_device copy --quiet fresh/build-optee/fresh a:/root/fresh
  fails 1 'is the application installed?' on a ./fresh
  on a cpk-tool install --quiet -p fresh.cpk
  [ "$(on a ./fresh)" = '2 + 3 = 5, says the enclave' ]
}
