#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# An application that calls back, on OP-TEE and Linux's driver as they are.

bats_require_minimum_version 1.5.0
load device.bash

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  device_world
  edb_device create --quiet a
  start a
  provision a
  install_for_test a $caller_id caller
  edb_device copy --quiet "$programs/tests/device/caller" a:/root/caller
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

@test "state over ocalls, at depth, in two sessions; an overrun ends one instance alone" {
  run on a ./caller test
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ': good$' <<<"$output")" -eq 5 ]
}

# 80 instances of 250 KiB are more than the secure world has: what leaked would be missed.
@test "clients that are killed in mid-ocall leak nothing" {
  run on a sh -c 'mkfifo said
    for n in $(seq 80); do
      ./caller loop >said & read -r line <said || exit 1
      [ "$line" = "in an ocall" ] || exit 2
      kill -9 $!; wait $! 2>/dev/null
    done; ./caller test'
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ': good$' <<<"$output")" -eq 5 ]
}
