#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The whole path on the TrustZone device, over reboots, power cuts and swapped disks.

bats_require_minimum_version 1.5.0
load device.bash

# Once: the parties, and a device that is provisioned, has the class key, and is off.
setup_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  device_world
  edb_device create --quiet template
  start template
  provision template
  edb_device stop --quiet template
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  cp -a --sparse=always "$BATS_FILE_TMPDIR"/{keys,*.cpk,*.policy,*.json,*.bundle} .
  devices_here
}

teardown() { devices_off; }

# device NAME : a copy of the template, off.
device() { cp -a --sparse=always "$BATS_FILE_TMPDIR/devices/template" "devices/$1"; }

@test "install, run, update, refuse, remove" {
  device a
  start a
  carry a app.cpk newer.cpk
  on a cpk-tool install --quiet -p app.cpk
  answers_right a
  cp app.cpk tampered.cpk
  printf 'sixteen-bytes-xx' | dd of=tampered.cpk bs=1 seek=4000 conv=notrunc status=none
  perl -pe 's/("sig":)(\{.*?\}\})/$1"none"@{[" " x (length($2) - 6)]}/g' app.cpk >unsigned.cpk
  carry a tampered.cpk unsigned.cpk
  fails 32 'a digest does not match' on a cpk-tool install -p tampered.cpk
  fails 35 'sign' on a cpk-tool install -p unsigned.cpk
  on a cpk-tool install --quiet -p newer.cpk
  answers_right a
  fails 58 'not above what the device has had' on a cpk-tool install -p app.cpk
  [ "$(version_on a)" = 1.1.0 ]
  on a cpk-tool remove --quiet -a $responder_id
  fails 1 'cannot open the enclave' on a responder "$(printf '%064d' 0)"
  fails 58 'not above what the device has had' on a cpk-tool install -p app.cpk
}

@test "data of odd size: installed in chunks, there after a power cut, removed with nothing left" {
  device a
  start a
  before=$(on a sh -c 'ls /var/lib/optee-client/data/tee | wc -l')
  head -c 1300001 /dev/urandom >payload
  pack $data_id 1.0.0 payload data.cpk --type data
  hand_over_key a $data_id
  carry a data.cpk
  on a cpk-tool install --quiet -p data.cpk
  edb_device power-cut --quiet a
  start a
  on a cpk-tool list --json | jq -e --arg id $data_id '
    .[] | select(.id == $id) | .state == "installed" and .type == "data" and .version == "1.0.0"'
  on a cpk-tool remove --quiet -a $data_id
  # What stays: the key ring, its index, the ledger's entry and its index.
  [ "$(on a sh -c 'ls /var/lib/optee-client/data/tee | wc -l')" -le $((before + 4)) ]
}

@test "what is installed is there after a reboot, and after a power cut" {
  device a
  start a
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  id=$(on a cpk-tool status --json | jq -r .device)
  edb_device stop --quiet a
  start a
  answers_right a
  edb_device power-cut --quiet a
  start a
  answers_right a
  [ "$(on a cpk-tool status --json | jq -r .device)" = "$id" ]
}

@test "a package without its key, and a production image with another root" {
  edb_device create --quiet a
  start a
  carry a keys/root.key.pub device.policy operator.policy app.cpk
  edb_policy keygen --quiet -o other.key
  edb_policy device --quiet -i device.json -s other.key -o other.policy
  carry a other.key.pub other.policy
  fails 52 'takes another root' on a cpk-tool provision -r other.key.pub -P other.policy
  on a cpk-tool provision --quiet -r root.key.pub -P device.policy
  on a cpk-tool policy --quiet operator.policy
  fails 60 'the class key is not on the device' on a cpk-tool install -p app.cpk
  # The bundle of another device does not help.
  carry a template.bundle
  fails 53 'not meant for this device' on a cpk-tool sync -m bundle -k template.bundle
  [ "$(on a cpk-tool status --json | jq -r .lifecycle_name)" = provisioned ]
}

@test "two devices: one package, keys of their own" {
  device a
  edb_device create --quiet b
  start a
  start b
  provision b
  for name in a b; do
    carry $name app.cpk
    on $name cpk-tool install --quiet -p app.cpk
    answers_right $name
  done
  [ "$(on a cpk-tool pub-key --kind identity)" != "$(on b cpk-tool pub-key --kind identity)" ]
}

@test "a disk that was moved to another device opens nothing there" {
  device a
  start a
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  id=$(on a cpk-tool status --json | jq -r .device)
  edb_device stop --quiet a
  # To one that never wrote anything: it is blank, and another device.
  edb_device create --quiet thief
  cp --sparse=always devices/a/disk devices/thief/disk
  start thief
  on thief cpk-tool status --json >thief.json
  jq -e --arg id "$id" '.lifecycle_name == "blank" and .device != $id and .class_keys == 0' thief.json
  fails 1 'cannot open the enclave' on thief responder "$(printf '%064d' 0)"
  # Back in its own device, all is there: the thief could not even spoil it.
  start a
  answers_right a
}

@test "a disk that was put back is refused, and said to be that; an emptied one is a blank device" {
  device a
  start a
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  id=$(on a cpk-tool status --json | jq -r .device)
  edb_device stop --quiet a
  cp --sparse=always devices/a/disk old.disk
  start a
  on a cpk-tool remove --quiet -a $responder_id
  edb_device stop --quiet a
  cp --sparse=always devices/a/disk newest.disk
  cp --sparse=always old.disk devices/a/disk
  start a
  fails 88 'rolled back' on a cpk-tool status
  fails 88 'rolled back' on a cpk-tool list
  fails 1 'cannot open the enclave' on a responder "$(printf '%064d' 0)"
  edb_device stop --quiet a
  # The newest one: nothing was lost.
  cp --sparse=always newest.disk devices/a/disk
  start a
  [ "$(on a cpk-tool status --json | jq -r .device)" = "$id" ]
  # None: blank, with another identity.
  on a rm -r /var/lib/optee-client/data/tee
  edb_device stop --quiet a
  start a
  on a cpk-tool status --json >blank.json
  jq -e --arg id "$id" '.lifecycle_name == "blank" and .device != $id and .class_keys == 0' blank.json
  provision a
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  answers_right a
}
