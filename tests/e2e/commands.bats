#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Each of cpk-tool's commands for a device: what it says when all is well, and when it is not.

bats_require_minimum_version 1.5.0
load device.bash

# Once: parties, two packages, a device that knows its policies and keys.
setup_file() {
  cd "$BATS_FILE_TMPDIR"
  world_make
  pack $responder_id 1.0.0 "$(image)" app.cpk
  head -c 3000000 /dev/urandom >payload
  pack $data_id 2.1.0 payload data.cpk --type data
  device_start template
  cpk_tool status --json >blank.json
  device_provision
  device_sync $responder_id
  device_sync $data_id
  device_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  cp -a "$BATS_FILE_TMPDIR"/. .
  device_start template
}

teardown() { device_stop; }

objects() { simtee status | awk '$1 == "objects:" { print $2 }'; }

@test "status: for people and for programs; a blank device and one in service" {
  [ "$(jq -r '.lifecycle_name' blank.json)" = blank ]
  cpk_tool status --json >now.json
  # "debug": this image took the first root that came.
  jq -e '.lifecycle_name == "debug" and .class_keys == 2 and .operator_policy == 1 and
    .tee == "simtee" and .simulated' now.json
  [ "$(jq -r .device now.json)" = "$(jq -r .device blank.json)" ]
  cpk_tool status >text
  grep -q "$(jq -r .device now.json)" text
  grep -q 'a simulator: it protects nothing' text
}

@test "bundle: made where the keys are, it opens the application on this device only" {
  cpk_tool pub-key --format device >this.json
  bundle() {
    cpk_tool bundle -q -a $responder_id -d this.json -k keys/class-keys.json -s keys/service.key \
      -v keys/vendor.key.crt "$@"
  }
  bundle -o app.bundle --key-version 2
  grep -q "$(jq -r --arg id $responder_id '.[$id]' keys/class-keys.json)" app.bundle && return 1
  [ "$(cpk_tool status --json | jq .class_keys)" = 2 ]
  cpk_tool sync -q -m bundle -k app.bundle
  [ "$(cpk_tool status --json | jq .class_keys)" = 3 ]
  cpk_tool sync -q -m bundle -k app.bundle # the same bytes again
  bundle -o old.bundle --number 1.1
  fails 55 'number' cpk_tool sync -m bundle -k old.bundle
  # Another device: another identity, so that the bundle names it.
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -pubout -outform der | base64 -w0 >other
  jq --rawfile other other '.identity = $other' this.json >other.json
  cpk_tool bundle -q -a $responder_id -d other.json -k keys/class-keys.json -s keys/service.key \
    -v keys/vendor.key.crt -o other.bundle
  fails 53 'not meant for this device' cpk_tool sync -m bundle -k other.bundle
  echo '{}' >empty.json
  fails 70 "empty.json: has no key 'identity'" cpk_tool bundle -a $responder_id -d empty.json \
    -k keys/class-keys.json -s keys/service.key -v keys/vendor.key.crt -o no.bundle
  [ ! -e no.bundle ]
}

@test "list: nothing, then what was installed, then what it was" {
  [ "$(cpk_tool list --json | jq 'length')" = 0 ]
  cpk_tool install --quiet -p app.cpk
  cpk_tool install --quiet -p data.cpk
  cpk_tool list --json >list.json
  jq -e --arg app $responder_id --arg data $data_id '
    length == 2 and
    any(.[]; .id == $app and .version == "1.0.0" and .state == "installed" and
      .type == "application") and
    any(.[]; .id == $data and .version == "2.1.0" and .type == "data")' list.json
  cpk_tool list | grep -q "$data_id.*2.1.0"
  cpk_tool remove --quiet -a $data_id
  cpk_tool list --json | jq -e --arg data $data_id '
    .[] | select(.id == $data) | .state == "removed"'
}

@test "pub-key: each kind in each form; the same key each time" {
  local kind
  for kind in wrapping identity; do
    cpk_tool pub-key --kind $kind >base64
    cpk_tool pub-key --kind $kind --format pem >pem
    [ "$(wc -l <base64)" -eq 1 ]
    base64 -d base64 | openssl pkey -pubin -inform DER -out again.pem
    cmp again.pem pem
    [ "$(cpk_tool pub-key --kind $kind --format id)" = \
      "$(base64 -d base64 | sha256sum | cut -d' ' -f1)" ]
  done
  cpk_tool pub-key --kind wrapping >wrapping
  cpk_tool pub-key --kind identity >identity
  run cmp -s wrapping identity
  [ "$status" -eq 1 ]
  fails 2 "kind" cpk_tool pub-key --kind endorsement
}

@test "install: a package of 2021, whose version nobody signed, is not said to have one" {
  sed 's/"version": 1,/"version": 2, "allow_2021_packages": true, "allow_2021_keys": true,/' \
    device.json >allow.json
  edb_policy device --quiet -i allow.json -s keys/root.key -o allow.policy
  cpk_tool policy --quiet allow.policy
  "$BATS_TEST_DIRNAME/../cli/make-2021" app.cpk old.cpk
  cpk_tool sync --quiet -a $responder_id -m file -k keys/class-keys.json
  run -0 cpk_tool install -p old.cpk
  [[ $output == *"$responder_id"*2021* ]]
  [[ $output != *1.0.0* ]]
}

@test "sync: says for which vendor, and if the id is another's" {
  run -0 --separate-stderr cpk_tool sync -a $responder_id -m file -k keys/class-keys.json \
    -s keys/service.key -v keys/vendor.key.crt
  [[ $output == *"$(edb_policy id keys/vendor.key.crt)"* ]]
  [ -z "$stderr" ]
  cpk_tool install --quiet -p app.cpk
  edb_policy keygen --quiet -o other.key
  run -0 --separate-stderr cpk_tool sync -a $responder_id -m file -k keys/class-keys.json \
    -s keys/service.key -v other.key.pub
  [[ $stderr == *'note: '*"$(edb_policy id keys/vendor.key.crt)"* ]]
}

# about CODE THING HINT COMMAND... : two lines, what failed on what, and a hint
about() {
  local code=$1 thing=$2 hint=$3
  shift 3
  run --separate-stderr "$@"
  echo "$stderr"
  [ "$status" -eq "$code" ] && [ "${#stderr_lines[@]}" -eq 2 ] && [ -z "$output" ]
  [[ ${stderr_lines[0]} == *"$thing"* && ${stderr_lines[1]} == "hint: "*"$hint"* ]]
}

@test "an error of the device says on what, and what to do" {
  about 65 $responder_id 'cpk-tool list' cpk_tool remove -a $responder_id
  about 55 operator.policy 'higher' cpk_tool policy operator.policy
  about 53 app.cpk 'edb-policy show' cpk_tool policy app.cpk
  about 51 'keys/root.key.pub' 'cpk-tool policy' cpk_tool provision -r keys/root.key.pub -P device.policy
  about 53 app.cpk 'edb-policy show' cpk_tool sync -m bundle -k app.cpk
  about 62 $responder_id 'key bundle' cpk_tool sync -a $responder_id -m file -k keys/class-keys.json
  about 70 keys/vendor.key 'P-256' cpk_tool sync -a $responder_id -m file -k keys/class-keys.json \
    -s keys/vendor.key -v keys/vendor.key.crt
  pack $responder_id 1.0.0 "$(image)" next.cpk --key-version 2
  about 60 next.cpk 'cpk-tool sync' cpk_tool install -p next.cpk
  about 60 $responder_id 'cpk-tool sync' cpk_tool install -p next.cpk
  pack $responder_id 1.0.0 "$(image)" other.cpk --target-os OP-TEE
  about 59 other.cpk '--target-os' cpk_tool install -p other.cpk
  cpk_tool install --quiet -p app.cpk
  pack $responder_id 2.0.0 payload turned.cpk --type data
  about 66 turned.cpk 'cpk-tool remove' cpk_tool install -p turned.cpk
  pack $responder_id 0.9.0 "$(image)" older.cpk
  about 58 older.cpk '--app-version' cpk_tool install -p older.cpk
  cpk_tool keygen -q -s stranger.key
  cpk_tool build -q -a $responder_id -i payload -o stranger.cpk -e file -k keys/class-keys.json -s stranger.key
  about 56 stranger.cpk 'operator' cpk_tool install -p stranger.cpk
  "$BATS_TEST_DIRNAME/../cli/make-2021" app.cpk old.cpk
  about 62 old.cpk 'signed package' cpk_tool install -p old.cpk
}

@test "responder: help, and what is wrong with a challenge" {
  run -0 --separate-stderr responder --help
  [[ $output == "Usage: responder CHALLENGE"* ]]
  [ -z "$stderr" ]
  fails 2 "Usage" responder
  fails 2 "3 characters, and not the 64" responder abc
  fails 2 "lower case" responder "$(printf 'A%.0s' {1..64})"
}

@test "remove: once, and only what is there" {
  fails 65 "" cpk_tool remove -a $responder_id
  cpk_tool install --quiet -p app.cpk
  cpk_tool remove -a $responder_id
  fails 65 "" cpk_tool remove -a $responder_id
  fails 2 "application-id" cpk_tool remove
  fails 70 "no-uuid: not a UUID" cpk_tool remove -a no-uuid
}

@test "policy: several files, the first that is refused ends it" {
  sed 's/"version": 1/"version": 2/' operator.json >second.json
  edb_policy operator --quiet -i second.json -s keys/operator.key -o second.policy
  fails 55 "" cpk_tool policy operator.policy
  cpk_tool policy second.policy
  [ "$(cpk_tool status --json | jq .operator_policy)" = 2 ]
  fails 2 "FILE" cpk_tool policy
  fails 81 "nowhere" cpk_tool policy nowhere
  fails 53 "" cpk_tool policy app.cpk
}

@test "provision: what is missing is named, and it works once" {
  fails 2 "root" cpk_tool provision -P device.policy
  fails 2 "policy" cpk_tool provision -r keys/root.key.pub
  fails 51 "" cpk_tool provision -r keys/root.key.pub -P device.policy
}

@test "install: what is no package, no file, no regular one" {
  fails 2 "package" cpk_tool install
  fails 81 "nowhere" cpk_tool install -p nowhere
  fails 70 "not a regular file" cpk_tool install -p keys
  fails 11 "" cpk_tool install -p payload
  fails 70 "not a regular file" cpk_tool install -p /dev/null
}

@test "no device there: each command says so, with what to do" {
  local command
  device_stop
  for command in status list pub-key "install -p app.cpk" "remove -a $responder_id" \
    "policy operator.policy" "provision -r keys/root.key.pub -P device.policy" \
    "sync -a $responder_id -m file -k keys/class-keys.json"; do
    # shellcheck disable=SC2086 # several words
    fails 84 "simtee" cpk_tool $command
  done
}

@test "interrupted in the middle of an install: nothing of it remains, the next one works" {
  local pid before status
  # What a device remembers of data that it once had.
  cpk_tool install --quiet -p data.cpk
  cpk_tool remove --quiet -a $data_id
  before=$(objects)
  head -c 300000000 /dev/zero >large
  pack $data_id 3.0.0 large large.cpk --type data
  (exec "$EDB_BUILD/pipeline/cpk-tool/cpk-tool" install -p large.cpk >/dev/null 2>said 3>&- 4>&-) &
  pid=$!
  # As soon as something of it is stored.
  until [ "$(objects)" -gt $((before + 1)) ]; do
    kill -0 $pid
  done
  kill -TERM $pid # a shell's background jobs ignore SIGINT
  status=0
  wait $pid || status=$?
  [ "$status" -ne 0 ]
  grep -q interrupted said
  [ -z "$(installed_version $data_id)" ]
  [ "$(objects)" -eq "$before" ]
  cpk_tool install --quiet -p data.cpk
  [ "$(installed_version $data_id)" = 2.1.0 ]
}

@test "two installs at once: one waits or is refused, both packages end up whole" {
  cpk_tool install --quiet -p data.cpk 3>&- 4>&- &
  cpk_tool install --quiet -p app.cpk
  wait $!
  [ "$(installed_version $data_id)" = 2.1.0 ]
  responder_is_right
}
