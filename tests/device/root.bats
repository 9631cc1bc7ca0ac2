#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What root in the device's Linux can try against the secure world.

bats_require_minimum_version 1.5.0
load device.bash

# Once: a device with the sample in it, running.
setup_file() {
  one_device
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  bring a attack
  on a cpk-tool status --json | jq 'del(.free_bytes)' >state.json
}

setup() { in_file; }
teardown_file() { in_file_devices_off; }

unharmed() {
  on a cpk-tool status --json | jq 'del(.free_bytes)' | cmp - state.json && answers_right a
}

@test "the pseudo-TAs let nobody in" {
  on a ./attack pta
  unharmed
}

@test "every combination of parameter types, for every command number: refused, and nothing changed" {
  run on a ./attack types
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$output" = "96040 calls, 0 through" ] # 40 commands, 7^4 combinations
  unharmed
}

@test "TAs in the normal world's folder are not loaded" {
  local name=6d2b74c8-0000-4000-8000-000000000001
  edb_device copy --quiet "$programs/sdk/samples/responder/responder.ta.elf" a:/root/ta
  on a sh -c "mkdir -p /lib/optee_armtz /usr/lib/optee_armtz
    for f in $name d3c5bbbc-adad-11eb-bd25-4362002e2749 $responder_id; do
      cp /root/ta /lib/optee_armtz/\$f.ta; cp /root/ta /usr/lib/optee_armtz/\$f.ta
    done"
  on a cpk-tool remove --quiet -a $responder_id
  # The application is gone, although a file under its name lies there.
  fails 1 'cannot open the enclave' on a responder "$(printf '%064d' 0)"
  on a cpk-tool install --quiet -p app.cpk
  unharmed
}

@test "a byte flipped in any file of secure storage: refused or unharmed, never something else" {
  local file files
  edb_device stop --quiet a
  cp --sparse=always devices/a/disk good.disk
  files=$(debugfs -R 'ls -p /optee-client/data/tee' good.disk 2>/dev/null | awk -F/ '$6 !~ /^\.*$/ { print $6 }')
  [ "$(wc -w <<<"$files")" -ge 8 ]
  for file in $files; do
    cp --sparse=always good.disk devices/a/disk
    debugfs -R "dump /optee-client/data/tee/$file was" devices/a/disk 2>/dev/null
    perl -e 'local $/; open F, "<", "was"; binmode F; $_ = <F>; $at = int(length($_) / 2) + 8;
      substr($_, $at, 1) ^= "\x01"; open G, ">", "is"; binmode G; print G $_'
    printf 'rm /optee-client/data/tee/%s\nwrite is /optee-client/data/tee/%s\n' "$file" "$file" >commands
    debugfs -w -f commands devices/a/disk >/dev/null 2>&1
    start a
    run on a cpk-tool status
    echo "$file: status $status"
    [[ "$status" =~ ^(0|83|84|88)$ ]]
    run on a responder "$(printf '%064d' 0)"
    echo "$file: responder $status"
    [ "$status" -eq 1 ] || answers_right a
    edb_device power-cut --quiet a
  done
  cp --sparse=always good.disk devices/a/disk
  start a
  unharmed
}

# as_it_was_or_blank STATUS : without the root of all storage a device is blank, and another one.
as_it_was_or_blank() {
  jq 'del(.free_bytes)' <<<"$1" | cmp -s - state.json ||
    jq -e --slurpfile was state.json \
      '.lifecycle_name == "blank" and .device != $was[0].device and .class_keys == 0' <<<"$1"
}

@test "a file of secure storage deleted: refused, as it was, or a blank device; never something else" {
  local file files
  edb_device stop --quiet a
  cp --sparse=always devices/a/disk good.disk
  cp --sparse=always devices/a/flash good.flash
  files=$(debugfs -R 'ls -p /optee-client/data/tee' good.disk 2>/dev/null | awk -F/ '$6 !~ /^\.*$/ { print $6 }')
  [ "$(wc -w <<<"$files")" -ge 8 ]
  for file in $files; do
    # A blank device counts on, and the next one would only be an old disk: the flash goes back, too.
    cp --sparse=always good.disk devices/a/disk
    cp --sparse=always good.flash devices/a/flash
    debugfs -w -R "rm /optee-client/data/tee/$file" devices/a/disk 2>/dev/null
    start a
    run on a cpk-tool status --json
    echo "$file: status $status"
    [[ "$status" =~ ^(0|83|84|88)$ ]]
    [ "$status" -ne 0 ] || as_it_was_or_blank "$output"
    run on a responder "$(printf '%064d' 0)"
    echo "$file: responder $status"
    [ "$status" -eq 1 ] || answers_right a
    edb_device power-cut --quiet a
  done
  cp --sparse=always good.disk devices/a/disk
  cp --sparse=always good.flash devices/a/flash
  start a
  unharmed
}
