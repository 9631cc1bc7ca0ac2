#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Two sessions at once, and memory that changes while it is read, on a device with two CPUs.

bats_require_minimum_version 1.5.0
load device.bash

races=${EDB_RACES:-12}            # installs
every=${EDB_EVERY_NTH_ORDER:-149} # of 4,096, half a second each; no factor in common with them

setup_file() {
  one_device --cpus 2
  install_for_test a $careless_id careless
  bring a between.so orders careless
  carry a app.cpk
}

setup() { in_file; }
teardown_file() { in_file_devices_off; }

panics() { grep -ci 'panic' "$EDB_DEVICES/a/secure.log" || true; }

@test "a size that is read twice is seen to change in between: this race can be won" {
  local n won=0
  # On a busy host both CPUs seldom run at the same time: again, until it is won.
  for ((n = 1; n <= 50 && won == 0; n++)); do
    won=$(on a env LD_PRELOAD=/root/between.so EDB_FLIP=$n ./careless twice)
    echo "$n: $won"
  done
  [ "$won" -gt 0 ]
  # Without the other thread nothing changes.
  run on a ./careless twice
  [ "$output" = 0 ]
}

@test "memory that changes during an install: installed as signed, or refused" {
  local n installed=0 refused=0
  on a cpk-tool install --quiet -p app.cpk
  for ((n = 1; n <= races; n++)); do
    run on a env LD_PRELOAD=/root/between.so EDB_FLIP=$n cpk-tool install --quiet -p app.cpk
    if [ "$status" -eq 0 ]; then
      installed=$((installed + 1))
    else
      refused=$((refused + 1))
      echo "$n: $output"
      # The CPM's word, or TEE_ERROR_BAD_PARAMETERS where sizes did not add up; not its end.
      [ "$status" -lt 80 ] || [[ "$output" == *0xffff0006* ]]
    fi
    [ "$(version_on a)" = 1.0.0 ]
    answers_right a
  done
  echo "$installed installed, $refused refused" >&3
  [ "$installed" -gt 0 ]
  [ "$refused" -gt 0 ]
  [ "$(panics)" -eq 0 ]
}

@test "calls of two installs in wrong orders, from two sessions: each answer as the contract has it" {
  local id patience=$((300 + 5 * 4096 / every))
  head -c 100 /dev/urandom >payload
  for id in $data_id $nothing_id; do
    pack "$id" 1.0.0 payload "$id.cpk" --type data
    hand_over_key a "$id"
    carry a "$id.cpk"
    on a env LD_PRELOAD=/root/between.so EDB_RECORD="/root/$id.calls" cpk-tool install --quiet -p "$id.cpk"
  done
  on a cpk-tool list --json >before.json
  run on a ./orders $data_id.calls $nothing_id.calls "$every"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$output" = "$(((4096 + every - 1) / every)) orders, 0 wrong" ]
  on a cpk-tool list --json | cmp - before.json
  [ "$(panics)" -eq 0 ]
}
