#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Nothing leaks: while an application with secrets is installed and running, all that the normal world
# has (its RAM, the disk, its flash) holds neither them, nor a class key, nor a private key of the
# device. The same search in secure memory finds them where they have to be, and shows what is wiped.
#
# The device runs the production image: QEMU's monitor, outside, stops any. How is searched, and for
# what: memory/search.h.

bats_require_minimum_version 1.5.0
load device.bash

secret_id=7e57da7a-0000-4000-8000-0000000005ec
samples=${EDB_SAMPLES:-60} # moments at which a key that is in use has to be found

search() { "$EDB_BUILD/tests/device/memory/search" "$@"; }
monitor() { "$(dirname "$BATS_TEST_FILENAME")/memory/monitor" devices/a "$@"; }

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  device_world
  local kind id
  cpk_tool keygen --quiet -a $secret_id -k keys/class-keys.json
  for id in $secret_id $data_id; do
    jq -r --arg id $id '.[$id]' keys/class-keys.json | base64 -d >class-key-$id
  done
  sed -i "s/\"$data_id\"/&, \"$secret_id\"/" operator.json
  edb_policy operator --quiet -i operator.json -s keys/operator.key -o operator.policy
  sed -i 's/"version": 1,/& "allow_2021_keys": true,/' device.json # else there is no third key
  edb_policy device --quiet -i device.json -s keys/root.key -o device.policy
  edb_device create --quiet a
  start a
  provision a
  for kind in wrapping legacy-wrapping identity; do
    on a cpk-tool pub-key --kind $kind --format pem >$kind.pem
  done
  secret_application
}

setup() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  rm -rf core pool ram flash beyond
}

teardown() { monitor resume; }

teardown_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  devices_off
}

# The application with markers that nobody has seen before, installed.
secret_application() {
  local where
  for where in code data; do openssl rand -out marker-in-$where 64; done
  perl -0777 -pe 's/\*\*\* here be [^:]+: in the (code|data) \*\*\*/
    open F, "<", "marker-in-$1"; binmode F; local $\/; <F>/gse' \
    "$programs/tests/device/secret.ta.elf" >secret.elf
  pack $secret_id 1.0.0 secret.elf secret.cpk --target-arch aarch64 --target-os OP-TEE
  hand_over_key a $secret_id
  carry a secret.cpk
  edb_device copy --quiet "$programs/tests/device/secret" a:/root/secret
  on a cpk-tool install --quiet -p secret.cpk
}

# All that is secret and known here, and the keys of which the public half is.
known=(-s marker-in-code marker-in-code -s marker-in-data marker-in-data
  -s class-key class-key-$secret_id -s class-key-of-data class-key-$data_id)
rsa_keys=(-k wrapping wrapping.pem -k legacy-wrapping legacy-wrapping.pem)
identity_key=(-k identity identity.pem)

# secure_memory: "core" is OP-TEE's own part (code, heap, stacks), "pool" is where all trusted
# applications are, the CPM too.
secure_memory() {
  local end
  end=$(aarch64-linux-gnu-nm "$cache/image/production/core/tee.elf" | awk '$3 == "__end" { print $1 }')
  end=$((0x$end - 0x0e000000))
  [ "$end" -gt 0 ]
  monitor secure
  head -c $end secure >core
  tail -c +$((end + 1)) secure >pool
  rm secure
}

# nothing_in DUMP... [option...] : and it has been looked for.
nothing_in() {
  run search "$@"
  echo "$output"
  [ "$status" -eq 1 ] && [ -z "$output" ]
}
normal_world_has_nothing() {
  monitor normal
  nothing_in "${known[@]}" "${rsa_keys[@]}" "$@" ram flash beyond devices/a/disk
  rm ram flash beyond
}

# While nobody asks it anything, the CPM has no key; what OP-TEE still has is told.
idle_cpm_has_no_key() {
  monitor pause
  secure_memory
  nothing_in "${known[@]:6}" "${rsa_keys[@]}" "${identity_key[@]}" pool
  search "${known[@]:6}" "${rsa_keys[@]}" "${identity_key[@]}" core |
    awk '{ n[$1 " (" $2 ")"]++ } END { for (k in n) print "# idle; OP-TEE still has: " k ", " n[k] " times" }' >&3
  monitor resume
}

has() { grep -q "^$1 " <<<"$output" || { echo "not found: $1"; return 1; }; }

@test "the search finds what the normal world has, and secure memory is not there" {
  head -c 64 /dev/urandom >in-memory
  head -c 64 /dev/urandom >on-disk
  edb_device copy --quiet in-memory a:/tmp/in-memory
  edb_device copy --quiet on-disk a:/var/lib/on-disk
  on a sync
  monitor pause
  monitor normal
  run -0 search -s in-memory in-memory -s on-disk on-disk ram devices/a/disk
  echo "$output"
  [[ $output == *"in-memory bytes ram "* && $output == *"on-disk bytes devices/a/disk "* ]]
  run -0 cmp -n $((16 << 20)) beyond /dev/zero
  run -0 cmp -n $((64 << 20)) flash /dev/zero # bank 0: firmware, unique key, counter
}

@test "a running application: its secrets are in secure memory only" {
  mkfifo running
  on a ./secret >running &
  read -r line <running
  [ "$line" = running ]
  monitor pause
  secure_memory
  run -0 search "${known[@]}" pool
  echo "$output"
  has marker-in-code
  has marker-in-data
  normal_world_has_nothing
  monitor resume
  on a killall secret
  idle_cpm_has_no_key
}

@test "in the middle of an install: the class key is in secure memory only, afterwards not in the CPM" {
  head -c 6000000 /dev/urandom >payload
  pack $data_id 1.0.0 payload data.cpk --type data
  hand_over_key a $data_id
  carry a data.cpk
  mkfifo stopped
  # Stopped once some of the payload is stored, and between two blocks: a call is not interrupted.
  on a sh -c 'stored() { du -s /var/lib/optee-client/data/tee | cut -f1; }
    before=$(stored)
    cpk-tool install --quiet -p data.cpk & pid=$!
    until [ $(stored) -gt $((before + 1000)) ]; do kill -0 $pid || exit 1; done
    kill -STOP $pid
    until state=$(grep ^State: /proc/$pid/status) && [ "${state#*stopped}" != "$state" ]; do
      [ -n "$state" ] && [ "${state#*zombie}" = "$state" ] || exit 1
    done
    echo $pid; wait $pid' >stopped &
  install=$!
  read -r pid <stopped
  [ "$pid" -gt 0 ]
  monitor pause
  secure_memory
  run -0 search "${known[@]}" core pool
  echo "$output"
  has class-key-of-data
  normal_world_has_nothing
  monitor resume
  on a kill -CONT "$pid"
  wait $install
  idle_cpm_has_no_key
}

# used_until_found NAME FORM COMMAND : the command runs in the device again and again, with a growing
# n; at random moments all stands still, until OP-TEE's memory has the private key of NAME.pem in
# that form. The machine stays stopped.
used_until_found() {
  local name=$1 form=$2 command=$3 n loop
  on a sh -c "rm -f enough; n=0; until [ -e enough ]; do n=\$((n + 1)); $command || exit 1; done" &
  loop=$!
  for ((n = 1; n <= samples; n++)); do
    perl -e 'select undef, undef, undef, rand 0.3' # the moment
    kill -0 $loop
    monitor pause
    secure_memory
    run search -o . -k "$name" "$name.pem" core
    if grep -q "^$name $form" <<<"$output"; then
      echo "# $name: found in sample $n" >&3
      return 0
    fi
    monitor resume
  done
  return 1
}
enough() {
  monitor resume
  on a touch enough
  wait
}

# While the key is loaded, it lies there as numbers to calculate with: backwards. What is left of it
# later are the bytes that came from storage.
@test "in an unwrap: the wrapping key is in OP-TEE's memory only, afterwards not in the CPM" {
  local n part
  mkdir bundles
  for n in $(seq 100); do
    cpk_tool bundle --quiet -a $secret_id -d a.json -k keys/class-keys.json -s keys/service.key \
      -v keys/vendor.key.crt --number 4000000000.$n -o bundles/$n
  done
  tar -cf bundles.tar bundles
  carry a bundles.tar
  on a tar -xf bundles.tar
  used_until_found wrapping backwards 'cpk-tool sync --quiet -m bundle -k bundles/$n'
  for part in p q d dp dq; do known+=(-s wrapping.$part wrapping.$part); done
  nothing_in "${known[@]:12}" "${rsa_keys[@]}" pool
  normal_world_has_nothing
  enough
  idle_cpm_has_no_key
}

# Loaded for a moment only; the bytes that came from storage can be caught.
@test "the identity key: in OP-TEE's memory only" {
  used_until_found identity '' 'cpk-tool pub-key --kind identity >/dev/null'
  nothing_in "${identity_key[@]}" pool
  normal_world_has_nothing -s identity identity
  enough
  idle_cpm_has_no_key
}
