#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Quotes, on a device of profile test, where an application of the tests gets them of itself; and
# on one of production, where nobody but the CPM gets any.

bats_require_minimum_version 1.5.0
load device.bash
programs=$cache/image/test/programs
denied=0xffff0001 absent=0xffff0008 corrupt=0xf0100001

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  device_world
  edb_device create --quiet --image "$cache/image/test/current" a
  start a
  provision a
  install_for_test a $quoter_id quoter
  openssl rand -out nonce 32
  equip a
  on a ls /var/lib/optee-client/data/tee >files.before
  on a ./quoter key >key.hex
  on a ls /var/lib/optee-client/data/tee >files.after
}

setup() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
}

teardown_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  devices_off
}

equip() { # equip NAME : what the tests need there, in memory
  edb_device copy --quiet "$programs/tests/device/quoter" "$1:/root/quoter"
  carry "$1" nonce
}
# checked_quote NAME STEM : a new one of that image; prints its hash of memory.
checked_quote() {
  local version
  version=$(jq -r '.versions["optee-os"]' "$cache/image/test/current/image.json")
  on "$1" ./quoter quote nonce >quote.hex
  "$BATS_TEST_DIRNAME/quote-check" quote.hex key.hex $quoter_id nonce \
    "$(cut -d. -f1-2 <<<"$version")" "$programs/tests/device/$2.ta.elf"
}
answers() { # answers EXPECTED COMMAND... : in device a
  local expected=$1
  shift
  run on a "$@"
  [ "$status" -eq 1 ]
  [ "$output" = "$expected" ]
}

@test "a quote says who called, what memory, which OP-TEE, and the nonce, under the enrolled key" {
  checked_quote a quoter >first
  openssl rand -out nonce 32
  carry a nonce
  checked_quote a quoter | cmp - first
}

@test "key and hash are the same after a reboot; another device has another key and the same hash" {
  checked_quote a quoter >first
  cp key.hex before.hex
  edb_device stop --quiet a
  start a
  equip a
  on a ./quoter key | cmp - before.hex
  checked_quote a quoter | cmp - first
  edb_device stop --quiet a
  edb_device create --quiet --image "$cache/image/test/current" b
  start b
  provision b
  install_for_test b $quoter_id quoter
  equip b
  on b ./quoter key >key.hex
  run cmp key.hex before.hex
  [ "$status" -eq 1 ]
  checked_quote b quoter | cmp - first
  edb_device stop --quiet b
  mv before.hex key.hex
  start a
  equip a
}

@test "an image that differs in one number has another hash" {
  checked_quote a quoter >first
  pack $quoter_id 1.1.0 "$programs/tests/device/quoter-other.ta.elf" other.cpk \
    --target-arch aarch64 --target-os OP-TEE
  carry a other.cpk
  on a cpk-tool install --quiet -p other.cpk
  checked_quote a quoter-other >other
  run cmp first other
  [ "$status" -eq 1 ]
  pack $quoter_id 1.2.0 "$programs/tests/device/quoter.ta.elf" again.cpk \
    --target-arch aarch64 --target-os OP-TEE
  carry a again.cpk
  on a cpk-tool install --quiet -p again.cpk
  checked_quote a quoter | cmp - first
}

@test "the key's file flipped or gone: an error, no quote, and no new key" {
  local file folder=/var/lib/optee-client/data/tee
  file=$(comm -13 files.before files.after)
  [ "$(wc -w <<<"$file")" -eq 1 ]
  on a cat $folder/"$file" >good
  on a mv $folder/"$file" /root/key.file
  answers $corrupt ./quoter key
  answers $corrupt ./quoter quote nonce
  on a ls $folder >files.now
  run grep -x "$file" files.now
  [ "$status" -eq 1 ]
  # In the head of the file's hash tree, in its node, in the data.
  for at in 40 4136 12300 16380; do
    perl -e 'local $/; $_ = <STDIN>; substr($_, $ARGV[0], 1) ^= "\x01"; print' "$at" <good >bad
    edb_device copy --quiet bad "a:$folder/$file"
    answers $corrupt ./quoter key
    answers $corrupt ./quoter quote nonce
  done
  # An empty one is no key either.
  on a sh -c ": >$folder/$file"
  answers $corrupt ./quoter key
  on a mv /root/key.file $folder/"$file"
  on a ./quoter key | cmp - key.hex
  checked_quote a quoter
}

@test "the CPM's pseudo-TA refuses another application and Linux; the tests' one refuses Linux" {
  [ "$(on a ./quoter knock)" = "$denied $denied" ]
  [ "$(on a ./quoter linux)" = "0x00000000 $denied" ]
}

@test "production: nobody but the CPM, and the tests' pseudo-TA is not in it" {
  edb_device stop --quiet a
  edb_device create --quiet p
  start p
  provision p
  install_for_test p $quoter_id quoter
  equip p
  [ "$(on p ./quoter knock)" = "$denied $denied" ]
  [ "$(on p ./quoter linux)" = "$absent $absent" ]
  run on p ./quoter key
  [ "$status" -eq 1 ]
  [ "$output" = $absent ]
  # By name, too: the firmware of profile test has it.
  grep -q 'quoter of tests' "$cache/image/test/current/flash.bin"
  run grep -q 'quoter of tests' "$cache/image/production/current/flash.bin"
  [ "$status" -eq 1 ]
  edb_device stop --quiet p
}
