#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The whole path on simtee, as a vendor, an operator and an attacker walk it.

bats_require_minimum_version 1.5.0
load device.bash

# Once: the parties, packages, and a device that knows its policies and has the responder's key.
setup_file() {
  cd "$BATS_FILE_TMPDIR"
  world_make
  pack $responder_id 1.0.0 "$(image)" v1.0.cpk
  pack $responder_id 1.1.0 "$(image)" v1.1.cpk
  device_start template
  [ "$(cpk_tool status --json | jq -r .lifecycle_name)" = blank ]
  device_provision
  device_sync $responder_id
  device_stop
}

# Each test: the same device, in a folder of its own.
setup() {
  cd "$BATS_TEST_TMPDIR"
  cp -a "$BATS_FILE_TMPDIR"/. .
  device_start template
}

teardown() { device_stop; }

# refused CODE COMMAND...: with this exit code, and a reason.
refused() {
  local code=$1
  shift
  run "$@"
  echo "$output"
  [ "$status" -eq "$code" ]
  [ -n "$output" ]
}

nothing_installed() { [ -z "$(installed_version $responder_id)" ]; }

# change FILE OFFSET: 16 bytes become others.
change() { printf 'sixteen-bytes-xx' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# stream FILE N: where it begins.
stream() { cpk_tool inspect -p "$1" 2>/dev/null | awk -v n="$2" '$1 == n { print $2 }'; }

@test "a package installs and its application answers with its secret" {
  run ! responder_is_right
  cpk_tool install --quiet -p v1.0.cpk
  [ "$(installed_version $responder_id)" = 1.0.0 ]
  responder_is_right
}

@test "keys are for their owner alone, and never overwritten" {
  [ -z "$(find keys -type f ! -perm 0600 ! -name '*.pub' ! -name '*.crt')" ]
  cksum keys/* >before
  refused 81 edb_policy keygen -o keys/root.key
  refused 86 cpk_tool keygen -k keys/class-keys.json -a $responder_id
  run cpk_tool keygen -s keys/vendor.key
  [ "$status" -ne 0 ]
  cksum keys/* | diff before -
}

@test "without a signing key there is no package" {
  refused 35 cpk_tool build -i "$(image)" -o none.cpk -a $responder_id -e file \
    -k keys/class-keys.json
  [ ! -e none.cpk ]
}

@test "who holds the class key can unpack what went in" {
  cpk_tool unpack --quiet -p v1.0.cpk --payload -e file -k keys/class-keys.json -o unpacked
  cmp unpacked "$(image)"
}

@test "no device there" {
  device_stop
  refused 84 cpk_tool status
}

@test "the package shows nothing of the application" {
  secret=$(hex "$EDB_BUILD/sdk/samples/responder/secret.bin")
  [[ "$(hex "$(image)")" == *"$secret"* ]]
  [[ "$(hex v1.0.cpk)" != *"$secret"* ]]
  cpk_tool install --quiet -p v1.0.cpk
  for file in template/storage/*; do
    [[ "$(hex "$file")" != *"$secret"* ]]
  done
}

@test "one changed byte, anywhere, and it is refused" {
  size=$(stat -c %s v1.0.cpk)
  for ((at = 3; at < size; at += size / 40)); do
    cp v1.0.cpk bad.cpk
    byte=$(od -An -tu1 -j $at -N 1 bad.cpk)
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((byte ^ 4)))" | dd of=bad.cpk bs=1 seek=$at conv=notrunc status=none
    run cpk_tool install --quiet -p bad.cpk
    echo "byte $at: exit $status: $output"
    [ "$status" -ge 10 ]
    nothing_installed
  done
  cpk_tool install --quiet -p v1.0.cpk
}

@test "other bytes in the payload" {
  change v1.0.cpk "$(($(stream v1.0.cpk 0) + 2000))"
  refused 32 cpk_tool install -p v1.0.cpk
  nothing_installed
}

@test "cut short" {
  truncate -s -1 v1.0.cpk
  refused 18 cpk_tool install -p v1.0.cpk
  nothing_installed
}

@test "signatures taken out of the manifest" {
  perl -pe 's/("sig":)(\{.*?\}\})/$1"none"@{[" " x (length($2) - 6)]}/g' v1.0.cpk >bad.cpk
  refused 35 cpk_tool install -p bad.cpk
  nothing_installed
}

@test "signed by a vendor whom the operator does not list" {
  cpk_tool keygen --quiet -s keys/stranger.key -n Stranger
  cpk_tool build --quiet -a $responder_id -i "$(image)" -o bad.cpk -e file -k keys/class-keys.json \
    -s keys/stranger.key -c keys/stranger.key.crt
  refused 56 cpk_tool install -p bad.cpk
  nothing_installed
}

@test "an id that was not granted to this vendor" {
  cpk_tool keygen --quiet -a 7e57da7a-0000-4000-8000-00000000ffff -k keys/class-keys.json
  pack 7e57da7a-0000-4000-8000-00000000ffff 1.0.0 v1.0.cpk bad.cpk --type data
  refused 57 cpk_tool install -p bad.cpk
}

@test "an image under another application's id" {
  device_sync $data_id
  pack $data_id 1.0.0 "$(image)" bad.cpk
  refused 38 cpk_tool install -p bad.cpk
  [ -z "$(installed_version $data_id)" ]
}

@test "encrypted with a key that the device does not have" {
  pack $responder_id 1.0.0 "$(image)" bad.cpk --key-version 2
  refused 60 cpk_tool install -p bad.cpk
  nothing_installed
}

@test "encrypted with another key than the one under that name" {
  cpk_tool keygen --quiet -a $responder_id -k keys/others.json
  cpk_tool build --quiet -a $responder_id -i "$(image)" -o bad.cpk -e file -k keys/others.json \
    -s keys/vendor.key -c keys/vendor.key.crt
  run cpk_tool install -p bad.cpk
  [ "$status" -ge 32 ] && [ "$status" -le 34 ]
  nothing_installed
}

@test "made for another TEE, and for another processor" {
  pack $responder_id 1.0.0 "$(image)" bad.cpk --target-os OP-TEE
  refused 59 cpk_tool install -p bad.cpk
  pack $responder_id 1.0.0 "$(image)" bad.cpk --target-arch m68k
  refused 59 cpk_tool install -p bad.cpk
  nothing_installed
}

@test "the same package again is fine, the same version with other bytes is not" {
  cpk_tool install --quiet -p v1.0.cpk
  cpk_tool install --quiet -p v1.0.cpk
  pack $responder_id 1.0.0 "$(image)" other.cpk
  refused 58 cpk_tool install -p other.cpk
  responder_is_right
}

@test "upgrade; the old version is refused, also after removal and a restart" {
  cpk_tool install --quiet -p v1.0.cpk
  cpk_tool install --quiet -p v1.1.cpk
  [ "$(installed_version $responder_id)" = 1.1.0 ]
  responder_is_right
  refused 58 cpk_tool install -p v1.0.cpk
  cpk_tool remove --quiet -a $responder_id
  refused 58 cpk_tool install -p v1.0.cpk
  device_stop
  device_start template
  refused 58 cpk_tool install -p v1.0.cpk
  nothing_installed
  cpk_tool install --quiet -p v1.1.cpk
  responder_is_right
}

@test "a floor in the operator's policy keeps an old version out" {
  sed 's/"version": 1,/"version": 2, "floors": {"'$responder_id'": "1.1.0"},/' operator.json >next.json
  edb_policy operator --quiet -i next.json -s keys/operator.key -o next.policy
  cpk_tool policy --quiet next.policy
  refused 58 cpk_tool install -p v1.0.cpk
  cpk_tool install --quiet -p v1.1.cpk
}

@test "removing: the application is gone" {
  cpk_tool install --quiet -p v1.0.cpk
  cpk_tool remove --quiet -a $responder_id
  nothing_installed
  run ! responder_is_right
  run ! cpk_tool remove -a $responder_id
}

@test "a restart keeps identity, policies, keys and applications" {
  kept='[.device, .lifecycle, .device_policy, .operator_policy, .class_keys]'
  cpk_tool status --json | jq -e "$kept" >before
  cpk_tool install --quiet -p v1.0.cpk
  device_stop
  device_start template
  responder_is_right
  cpk_tool remove --quiet -a $responder_id
  cpk_tool status --json | jq "$kept" | diff before -
  cpk_tool install --quiet -p v1.1.cpk # the class key is still there
}

@test "what the normal world deletes or replaces does not change what runs" {
  cpk_tool install --quiet -p v1.0.cpk
  rm -r keys ./*.cpk ./*.policy ./*.json
  cp "$(image)" responder.ta.elf
  change responder.ta.elf 4096
  cp responder.ta.elf template/$responder_id.ta.elf
  cp responder.ta.elf template/$responder_id.ta
  responder_is_right
  device_stop
  device_start template
  responder_is_right
}

@test "what somebody changes in the secure storage's files is noticed" {
  cpk_tool install --quiet -p v1.0.cpk
  device_stop
  for file in template/storage/*; do
    [ "${file##*/}" != device.key ] || continue
    size=$(stat -c %s "$file")
    [ "$size" -gt 16 ] && change "$file" $((size / 2)) || true
  done
  # Either it does not start, or it does not run what was changed. It never gives another answer.
  if device_start template; then
    run responder "$(hex -N 32 /dev/urandom)"
    [ "$status" -ne 0 ]
  fi
}

@test "data: a payload of several chunks" {
  device_sync $data_id
  head -c 3000001 /dev/urandom >model
  pack $data_id 2.0.0 model model.cpk --type data
  cpk_tool install --quiet -p model.cpk
  cpk_tool list --json | jq -e ".[] | select(.id == \"$data_id\") | .version == \"2.0.0\""
  change model.cpk 2000000
  refused 58 cpk_tool install -p model.cpk || refused 32 cpk_tool install -p model.cpk
  cpk_tool remove --quiet -a $data_id
}

@test "an empty data payload" {
  device_sync $data_id
  : >empty
  pack $data_id 1.0.0 empty empty.cpk --type data
  cpk_tool install --quiet -p empty.cpk
  [ "$(installed_version $data_id)" = 1.0.0 ]
}

@test "provisioning is once" {
  edb_policy keygen --quiet -o keys/evil.key
  edb_policy device --quiet -i device.json -s keys/evil.key -o evil.policy
  refused 51 cpk_tool provision -r keys/evil.key.pub -P evil.policy
  refused 51 cpk_tool provision -r keys/root.key.pub -P device.policy
}

@test "policies: an old one, one signed by somebody else" {
  refused 55 cpk_tool policy operator.policy
  sed 's/"version": 1/"version": 7/' operator.json >next.json
  edb_policy operator --quiet -i next.json -s keys/service.key -o evil.policy
  refused 54 cpk_tool policy evil.policy
  edb_policy operator --quiet -i next.json -s keys/operator.key -o next.policy
  cpk_tool policy --quiet next.policy
}

@test "class keys: only from a service that the operator lists" {
  edb_policy keygen --quiet -o keys/evil.key
  refused 54 cpk_tool sync -a $responder_id -m file -k keys/class-keys.json -s keys/evil.key \
    -v keys/vendor.key.crt
}

@test "a blank device takes nothing before its root" {
  device_stop
  device_start blank
  refused 50 cpk_tool policy operator.policy
  refused 50 device_sync $responder_id
  refused 50 cpk_tool install -p v1.0.cpk
}

@test "applications free what they allocate" {
  cpk_tool install --quiet -p v1.0.cpk
  responder_is_right
  cpk_tool remove --quiet -a $responder_id
  simtee status | grep -q '^not freed: 0 bytes by 0 instances$'
}

@test "2021 keys are refused unless the policy allows them" {
  run cpk_tool pub-key
  [ "$status" -eq 62 ]
}
