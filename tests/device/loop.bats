#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Applications that never return. Each keeps one of OP-TEE's threads, also when its client is gone.

bats_require_minimum_version 1.5.0
load device.bash

setup_file() {
  one_device
  install_for_test a $careless_id careless
  bring a careless
  carry a app.cpk
}

setup() { in_file; }
teardown_file() { in_file_devices_off; }

loop() { # one more of them; returns when it is about to loop
  on a sh -c 'mkfifo said 2>/dev/null; ./careless loop >said 2>&1 & read -r line <said
    [ "$line" = looping ]'
}

@test "three of them leave the rest working" {
  for _ in 1 2 3; do loop; done
  on a cpk-tool install --quiet -p app.cpk
  answers_right a
  # Their clients' end changes nothing.
  on a sh -c 'killall -9 careless'
  on a cpk-tool status --json
  answers_right a
}

@test "the seventh, too: the eighth thread serves" {
  for _ in 4 5 6 7; do loop; done
  on a cpk-tool status --quiet
  answers_right a
}
