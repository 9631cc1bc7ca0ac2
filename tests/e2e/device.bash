# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A simulated device and the parties around it, for end-to-end tests and benchmarks. EDB_BUILD names
# the build folder, build/ if it is not set. Everything lies in the current folder, with short relative names: a socket's path
# has little room. Nothing sleeps: what has to be waited for is the end of a command.

EDB_BUILD=${EDB_BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build}
responder_id=5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24
data_id=7e57da7a-0000-4000-8000-000000000001

cpk_tool() { "$EDB_BUILD/pipeline/cpk-tool/cpk-tool" "$@"; }
edb_policy() { "$EDB_BUILD/cloud/edb-policy/edb-policy" "$@"; }
simtee() { "$EDB_BUILD/enclave/simtee/core/simtee" "$@"; }
responder() { "$EDB_BUILD/sdk/samples/responder/responder" "$@"; }

# world_make: keys, class keys and policies, in keys/ and here.
world_make() {
  local party
  mkdir -p keys
  for party in root operator service; do
    edb_policy keygen --quiet -o keys/$party.key
  done
  cpk_tool keygen --quiet -s keys/vendor.key -n 'Test Vendor'
  cpk_tool keygen --quiet -a $responder_id -k keys/class-keys.json
  cpk_tool keygen --quiet -a $data_id -k keys/class-keys.json
  echo '{"version": 1, "operator": "keys/operator.key.pub"}' >device.json
  cat >operator.json <<END
{"version": 1,
 "vendors": [{"key": "keys/vendor.key.crt", "ids": ["$responder_id", "$data_id"],
              "quota_ids": 8, "quota_memory_kib": 65536}],
 "key_services": [{"key": "keys/service.key.pub", "ids": ["$responder_id", "$data_id"]}]}
END
  edb_policy device --quiet -i device.json -s keys/root.key -o device.policy
  edb_policy operator --quiet -i operator.json -s keys/operator.key -o operator.policy
}

# pack ID VERSION PAYLOAD PACKAGE [option...]
pack() {
  cpk_tool build --quiet -a "$1" --app-version "$2" -i "$3" -o "$4" -e file \
    -k keys/class-keys.json -s keys/vendor.key -c keys/vendor.key.crt -n Test -v 'Test Vendor' \
    "${@:5}"
}

image() { printf '%s' "$EDB_BUILD/sdk/samples/responder/responder.ta.elf"; }

# device_start FOLDER [option...]: a device that keeps everything in FOLDER; hosts and tools find it.
# What it says later goes to FOLDER/log. Test runners wait for descriptors that daemons inherit.
device_start() {
  export SIMTEE_DIR=$1
  shift
  simtee start --early-ta "$EDB_BUILD/enclave/cpm/cpm.ta.elf" "$@" >/dev/null 2>&1 3>&- 4>&-
}

device_stop() {
  [ -z "${SIMTEE_DIR-}" ] || simtee stop 2>/dev/null
}

# device_provision: root, both policies.
device_provision() {
  cpk_tool provision --quiet -r keys/root.key.pub -P device.policy
  cpk_tool policy --quiet operator.policy
}

# device_sync ID [option...]: the class key, wrapped for the device that runs.
device_sync() {
  local id=$1
  shift
  cpk_tool sync --quiet -a "$id" -m file -k keys/class-keys.json -s keys/service.key \
    -v keys/vendor.key.crt "$@"
}

hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }

# responder_ask: a challenge, and the answer that the vendor expects of the application.
responder_ask() {
  openssl rand -out challenge 32
  challenge=$(hex challenge)
  expected=$(openssl dgst -sha256 -mac HMAC -r \
    -macopt "hexkey:$(hex "$EDB_BUILD/sdk/samples/responder/secret.bin")" challenge | cut -d' ' -f1)
}

# responder_is_right: with a fresh challenge.
responder_is_right() {
  local challenge expected
  responder_ask
  [ -n "$expected" ] && [ "$(responder "$challenge")" = "$expected" ]
}

# installed_version ID: MAJ.MIN.REV, or nothing if it is not installed.
installed_version() {
  cpk_tool list --json | jq -r --arg id "$1" '.[] | select(.id == $id and .state == "installed") | .version'
}

# fails CODE WORDS COMMAND...: with this exit code and these words, and nothing on standard output.
fails() {
  local code=$1 words=$2
  shift 2
  run --separate-stderr "$@"
  echo "$output$stderr"
  [ "$status" -eq "$code" ] && [[ "$stderr" == *"$words"* ]] && [ -z "$output" ]
}
