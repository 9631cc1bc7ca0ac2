#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Power goes at every single change of the secure storage, in turn. After the next start there is
# either the old state or the new one, whole, and the same command can be given again.

bats_require_minimum_version 1.5.0
load device.bash

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  world_make
  pack $responder_id 1.0.0 "$(image)" v1.0.cpk
  pack $responder_id 1.1.0 "$(image)" v1.1.cpk
  head -c 600000 /dev/urandom >model # two chunks
  pack $data_id 1.0.0 model model.cpk --type data
  device_start blank # a device without applications
  device_provision
  device_sync $responder_id
  device_sync $data_id
  device_stop
  cp -a blank one # and one with the first version
  device_start one
  cpk_tool install --quiet -p v1.0.cpk
  device_stop
}

setup() {
  cd "$BATS_FILE_TMPDIR"
  responder_ask # once; some hundred runs use it
}
teardown() { device_stop; }

# cut_power FROM ID OLD NEW COMMAND...: the command on a copy of device FROM, with power cut at change 1,
# 2, 3, … until one run gets through. OLD and NEW: the version of ID before and after, "-" for none.
cut_power() {
  local from=$1 id=$2 old=$3 new=$4 n now
  shift 4
  for ((n = 1; ; n++)); do
    device_stop
    rm -rf cut
    cp -a "$from" cut
    device_start cut --stop-after-writes $n
    run "$@"
    if simtee status >/dev/null; then
      [ "$status" -eq 0 ]
      break
    fi
    # The last change may be one that nobody waits for, so success is possible here too.
    device_start cut
    now=$(installed_version "$id")
    echo "cut at change $n: ${now:--}; $output"
    [ "${now:--}" = "$old" ] || [ "${now:--}" = "$new" ]
    [ "$status" -ne 0 ] || [ "${now:--}" = "$new" ]
    [ "$id" != $responder_id ] || [ -z "$now" ] || [ "$(responder "$challenge")" = "$expected" ]
    # No litter: what was begun can be done, and leaves as much as if nothing had happened.
    [ "${now:--}" = "$new" ] || "$@"
    now=$(installed_version "$id")
    [ "${now:--}" = "$new" ]
  done
  echo "$n runs" >&3
  [ $n -gt 3 ]
}

@test "installing an application" {
  cut_power blank $responder_id - 1.0.0 cpk_tool install --quiet -p v1.0.cpk
}

@test "replacing an application" {
  cut_power one $responder_id 1.0.0 1.1.0 cpk_tool install --quiet -p v1.1.cpk
}

@test "removing an application" {
  cut_power one $responder_id 1.0.0 - cpk_tool remove --quiet -a $responder_id
}

@test "installing data" {
  cut_power blank $data_id - 1.0.0 cpk_tool install --quiet -p model.cpk
}
