#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# An application that calls back, on OP-TEE and Linux's driver as they are.

bats_require_minimum_version 1.5.0
load device.bash

setup_file() {
  one_device
  install_for_test a $caller_id caller
  bring a caller resume
}

setup() { in_file; }
teardown_file() { in_file_devices_off; }

@test "state over ocalls, at depth, in two sessions; an overrun ends one instance alone" {
  run on a ./caller test
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ': good$' <<<"$output")" -eq 5 ]
}

@test "every wrong RESUME and every ecall in mid-ocall: refused, and the right one still finishes" {
  run on a ./resume
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c ': good$' <<<"$output")" -eq 13 ]
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
