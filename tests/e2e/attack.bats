#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What the normal world of a simulated device tries, and how an application's process is confined.

bats_require_minimum_version 1.5.0
load device.bash

setup() {
  cd "$BATS_TEST_TMPDIR"
  world_make
}

teardown() { device_stop; }

# The process of the application that runs: there is one, the CPM.
cpm_process() { pgrep -P "$(simtee status | awk '$1 == "pid:" { print $2 }')"; }

# status_of PID NAME: a line of /proc/PID/status.
status_of() { awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"; }

instrumented() { # sanitizers and coverage need files, descriptors and memory of their own
  jq -e '.[] | select(.name == "b_sanitize" or .name == "b_coverage") |
    select(.value != "none" and .value != false)' \
    "$EDB_BUILD/meson-info/intro-buildoptions.json" >/dev/null
}

@test "memory that changes right after it was copied changes nothing: no input is read twice" {
  pack $responder_id 1.0.0 "$(image)" package
  head -c 1500000 /dev/urandom >payload
  pack $data_id 1.0.0 payload data.cpk --type data
  device_start device --flip-after-copy
  device_provision
  device_sync $responder_id
  device_sync $data_id
  cpk_tool install --quiet -p package
  cpk_tool install --quiet -p data.cpk
  [ "$(installed_version $responder_id)" = 1.0.0 ]
  [ "$(installed_version $data_id)" = 1.0.0 ]
  responder_is_right
}

@test "an application's process: no new privileges, a filter, no core dumps, memory locked" {
  local pid
  device_start device
  cpk_tool status >/dev/null
  pid=$(cpm_process)
  [ "$(status_of "$pid" NoNewPrivs)" = 1 ]
  [ "$(status_of "$pid" Seccomp)" = 2 ]
  [ "$(status_of "$pid" Threads)" = 1 ]
  instrumented && return
  # Its limits can be read by nobody but root: it is not dumpable.
  if [ "$(id -u)" = 0 ]; then
    grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits"
    grep -q '^Max file size  *0  *0 ' "/proc/$pid/limits"
    [ ! -s "/proc/$pid/environ" ]
    [ "$(ls "/proc/$pid/fd")" = 3 ] # the core
  else
    run ! ls "/proc/$pid/fd"
  fi
  # All of it, or at least stack, data and the memory of keys.
  [ "$(status_of "$pid" VmLck)" -ge 256 ]
}

@test "keys are locked in memory where a user may lock but little" {
  instrumented && skip "sanitizers take the memory"
  [ "$(id -u)" = 0 ] || skip "needs root, to take rights away"
  export SIMTEE_DIR=device
  (
    ulimit -l 2048
    exec setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
      "$EDB_BUILD/enclave/simtee/core/simtee" start \
      --early-ta "$EDB_BUILD/enclave/cpm/cpm.ta.elf" >/dev/null 2>&1 3>&- 4>&-
  )
  cpk_tool status >/dev/null
  [ "$(status_of "$(cpm_process)" VmLck)" -ge 256 ]
  [ "$(status_of "$(cpm_process)" VmLck)" -le 2048 ]
}

@test "a folder in which others have files is left as it is" {
  mkdir -m 0755 others
  echo theirs >others/file
  run ! --separate-stderr simtee start --dir others --early-ta "$EDB_BUILD/enclave/cpm/cpm.ta.elf"
  [[ "$stderr" == *"others: has other files in it"* ]]
  [ "$(stat -c %a others)" = 755 ]
  [ "$(ls others)" = file ]
  # An empty one is fine, and one that was a simulator's.
  mkdir -m 0755 device
  device_start device
  [ "$(stat -c %a device)" = 700 ]
  device_stop
  chmod 0755 device
  device_start device
  [ "$(stat -c %a device)" = 700 ]
}

@test "an option's value that is none is named" {
  run ! --separate-stderr simtee start --stop-after-writes many
  [[ "$stderr" == *"many: is not a number of changes"* ]]
}
