# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# TrustZone devices for end-to-end tests: the parties are those of tests/e2e, the devices run in QEMU.
# EDB_BUILD names the build folder of this machine's programs, build/ if it is not set. Everything lies
# in the current folder. Nothing sleeps: edb-device waits for events. Nothing waits for ever, either: a command
# that takes more than $patience seconds ends, and its test fails.

# shellcheck source=tests/e2e/device.bash
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/device.bash"
cache=${EDB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edb}
programs=$cache/image/production/programs # what was built for the device

# Applications that only tests have: folders of tests/device.
caller_id=7e57da7a-0000-4000-8000-0000000000ca
nothing_id=7e57da7a-0000-4000-8000-0000000000e0
careless_id=7e57da7a-0000-4000-8000-0000000000ce
scribe_id=7e57da7a-0000-4000-8000-0000000000b1
quoter_id=7e57da7a-0000-4000-8000-0000000000c1
thief_id=7e57da7a-0000-4000-8000-0000000000d1

patience=300
edb_device() {
  timeout --foreground --kill-after=10 "$patience" "$EDB_BUILD/device/edb-device/edb-device" "$@" 3>&- 4>&-
}

# A device is a folder; one that is off can be copied, flash and disk and all.
devices_here() {
  export EDB_DEVICES=$PWD/devices
  mkdir -p "$EDB_DEVICES"
}
# one_device [option...]: for setup_file. Device a, of $profile, provisioned, runs; it is the file's, as in_file
# has it.
one_device() {
  in_file
  device_world
  edb_device create --quiet --profile "${profile:-production}" a
  start a "$@"
  provision a
}
in_file() {
  cd "$BATS_FILE_TMPDIR" || return
  devices_here
}
in_file_devices_off() {
  in_file
  devices_off
}
devices_off() {
  local folder
  for folder in "$EDB_DEVICES"/*/; do
    [ ! -d "$folder" ] || edb_device power-cut --quiet "$(basename "$folder")" 2>/dev/null || true
  done
}
start() { edb_device start --quiet "$@"; }
on() { # on NAME COMMAND... : in the device
  local name=$1
  shift
  edb_device run "$name" -- "$@" </dev/null
}
carry() { # carry NAME FILE... : into /root
  local name=$1 file
  shift
  for file in "$@"; do edb_device copy --quiet "$file" "$name:/root/${file##*/}"; done
}

# device_world: parties whose root is the image's, and the sample packed for OP-TEE in two versions.
device_world() {
  world_make
  cp "$cache"/demo-root/root.key* keys/
  edb_policy device --quiet -i device.json -s keys/root.key -o device.policy
  local id
  for id in $caller_id $nothing_id $careless_id $scribe_id $quoter_id $thief_id; do
    cpk_tool keygen --quiet -a "$id" -k keys/class-keys.json
    sed -i "s/\"$data_id\"/&, \"$id\"/" operator.json
  done
  edb_policy operator --quiet -i operator.json -s keys/operator.key -o operator.policy
  pack_for_device 1.0.0 app.cpk
  pack_for_device 1.1.0 newer.cpk
}
pack_for_device() { # pack_for_device VERSION PACKAGE
  pack $responder_id "$1" "$programs/sdk/samples/responder/responder.ta.elf" "$2" \
    --target-arch aarch64 --target-os OP-TEE
}

# provision NAME : root, both policies, the class key by a bundle for this device.
provision() {
  carry "$1" keys/root.key.pub device.policy operator.policy
  on "$1" cpk-tool provision --quiet -r root.key.pub -P device.policy
  on "$1" cpk-tool policy --quiet operator.policy
  hand_over_key "$1"
}
hand_over_key() { # hand_over_key NAME [ID] : the sample's, or another one's
  local id=${2:-$responder_id}
  on "$1" cpk-tool pub-key --format device >"$1.json"
  cpk_tool bundle --quiet -a "$id" -d "$1.json" -k keys/class-keys.json -s keys/service.key \
    -v keys/vendor.key.crt -o "$1.bundle"
  carry "$1" "$1.bundle"
  on "$1" cpk-tool sync --quiet -m bundle -k "$1.bundle"
}
bring() { # bring NAME PROGRAM... : of tests/device, into /root
  local name=$1 program
  shift
  for program in "$@"; do carry "$name" "$programs/tests/device/$program"; done
}
# install_for_test NAME ID STEM : an application of tests/device, with its key.
install_for_test() {
  pack "$2" 1.0.0 "$programs/tests/device/$3.ta.elf" "$3.cpk" --target-arch aarch64 --target-os OP-TEE
  hand_over_key "$1" "$2"
  carry "$1" "$3.cpk"
  on "$1" cpk-tool install --quiet -p "$3.cpk"
}

# answers_right NAME : the application runs there, and has its secret.
answers_right() {
  local challenge expected
  openssl rand -out challenge 32
  challenge=$(hex challenge)
  expected=$(openssl dgst -sha256 -mac HMAC -r \
    -macopt "hexkey:$(hex "$programs/sdk/samples/responder/secret.bin")" challenge | cut -d' ' -f1)
  [ -n "$expected" ] && [ "$(on "$1" responder "$challenge")" = "$expected" ]
}
version_on() { # version_on NAME : of the sample, if it is installed
  on "$1" cpk-tool list --json |
    jq -r --arg id $responder_id '.[] | select(.id == $id and .state == "installed") | .version'
}
