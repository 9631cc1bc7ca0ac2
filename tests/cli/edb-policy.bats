# SPDX-License-Identifier: MIT
#
# edb-policy, as its manual page describes it. EDB_BUILD: the build folder.

bats_require_minimum_version 1.5.0

setup() {
  work=$(mktemp -d)
  cd "$work" || exit 1
  unset EDB_PKCS11_PIN
  id=5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24
}

teardown() {
  cd / && rm -rf "$work"
}

policy() { "$EDB_BUILD/cloud/edb-policy/edb-policy" "$@"; }

# refused CODE TEXT ARGUMENT...: the exit code, and what the message must tell.
refused() {
  local code=$1 text=$2
  shift 2
  run -"$code" --separate-stderr policy "$@"
  [ -z "$output" ]
  [[ $stderr == *"$text"* ]] || { printf '%s\n' "$stderr" && return 1; }
}

keys() {
  local name
  for name in "$@"; do policy keygen -o "$name.key"; done
}

device() {
  printf '%s' "$1" >device.json
  policy device -i device.json -s root.key -o device.policy
}

# operator MEMBERS: an operator policy of version 1 that also has these.
operator() {
  printf '{"version": 1%s}' "${1:+, $1}" >operator.json
  policy operator -i operator.json -s operator.key -o operator.policy
}

@test "keygen: mode 0600, a public half, and never over what is there" {
  keys root
  [ "$(stat -c %a root.key)" = 600 ]
  openssl pkey -pubin -in root.key.pub -noout -text | grep -q prime256v1
  cp root.key before
  refused 81 "root.key" keygen -o root.key
  rm root.key.pub
  refused 81 "never overwritten" keygen -o root.key
  cmp root.key before
  [ ! -e root.key.pub ]
}

@test "id: the same from private key, public key and certificate, and what openssl computes" {
  keys root
  openssl req -x509 -new -key root.key -subj /CN=root -days 2 -out root.crt
  wanted=$(openssl pkey -in root.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
  for file in root.key root.key.pub root.crt; do
    run -0 policy id "$file"
    [ "$output" = "$wanted" ]
  done
  echo nonsense >nonsense
  refused 36 nonsense id nonsense
  refused 81 "no-such-file" id no-such-file
}

@test "device: made, shown, verified" {
  keys root operator stranger
  device '{"version": 3, "operator": "operator.key.pub", "allow_2021_keys": true,
    "devices": ["ffeeddccbbaa99887766554433221100", "00112233445566778899aabbccddeeff"]}'
  [ "$(stat -c %a device.policy)" = 644 ]
  run -0 policy show device.policy
  [[ $output == *application/edb-device-policy+cbor* ]]
  [[ $output == *"$(policy id operator.key)"* ]]
  [[ $output == *"$(policy id root.key)"* ]]
  run -0 policy show --json device.policy
  [ "$(jq -r .says.version <<<"$output")" = 3 ]
  [ "$(jq -r .says.operator <<<"$output")" = "$(policy id operator.key)" ]
  [ "$(jq -c '.says.devices' <<<"$output")" = \
    '["00112233445566778899aabbccddeeff","ffeeddccbbaa99887766554433221100"]' ]
  [ "$(jq -c '[.verified, .says.allow_2021_keys, .says.allow_2021_packages]' <<<"$output")" = \
    '[false,true,false]' ]
  policy verify --signer root.key.pub device.policy
  policy verify --signer root.key device.policy
  run -0 --separate-stderr policy verify -q --signer root.key device.policy
  [ -z "$output$stderr" ]
  refused 54 "another key" verify --signer stranger.key.pub device.policy
}

@test "operator: made, shown, verified; vendors by file and by id" {
  keys operator service fleet old
  openssl req -x509 -newkey rsa:2048 -nodes -keyout vendor.key -subj /CN=v -days 2 -out vendor.crt \
    2>/dev/null
  other=$(printf 'ab%.0s' {1..32})
  operator '"vendors": [
      {"key": "vendor.crt", "ids": ["'$id'"], "quota_ids": 2, "quota_memory_kib": 64,
       "succeeds": ["old.key.pub"]},
      {"key": "'"$other"'", "any_id": true, "quota_ids": 1, "quota_memory_kib": 1}],
    "key_services": [{"key": "service.key.pub", "any_id": true}],
    "floors": {"'$id'": "1.2.4294967295"}, "fleet_key": "fleet.key.pub"'
  policy verify --signer operator.key.pub operator.policy
  run -0 policy show --json operator.policy
  [ "$(jq -r '.says.floors[]' <<<"$output")" = 1.2.4294967295 ]
  [ "$(jq -r '.says.key_services[0].key' <<<"$output")" = "$(policy id service.key)" ]
  [ "$(jq -r '.says.fleet_key' <<<"$output")" = "$(policy id fleet.key)" ]
  [ "$(jq -r '.says.vendors[].key' <<<"$output" | sort)" = \
    "$(printf '%s\n' "$other" "$(policy id vendor.crt)" | sort)" ]
  [ "$(jq -r '.says.vendors[].succeeds[]' <<<"$output")" = "$(policy id old.key)" ]
}

@test "what a description must not say" {
  keys root operator service
  bad_device() { printf '%s' "$2" >device.json && refused 70 "$1" device -i device.json -s root.key -o out; }
  bad_operator() { printf '%s' "$2" >operator.json && refused 70 "$1" operator -i operator.json -s operator.key -o out; }
  bad_device "no such member" '{"version": 1, "operater": "operator.key.pub"}'
  bad_device "version" '{}'
  bad_device "version" '{"version": 0}'
  bad_device "version" '{"version": -1}'
  bad_device "version" '{"version": "1"}'
  bad_device "devices" '{"version": 1, "devices": []}'
  bad_device "devices" '{"version": 1, "devices": "00112233445566778899aabbccddeeff"}'
  bad_device "devices" '{"version": 1, "devices": ["001122"]}'
  bad_device "duplicate" '{"version": 1, "devices": ["00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff"]}'
  bad_device "device.json:1" '{"version": 1, "version": 2}'
  bad_device "allow_2021_keys" '{"version": 1, "allow_2021_keys": 1}'
  bad_device "device.json" '[]'
  bad_operator "vendors" '{"version": 1, "vendors": {"key": "operator.key.pub"}}'
  bad_operator "key_services" '{"version": 1, "key_services": "service.key.pub"}'
  bad_operator "key" '{"version": 1, "key_services": [{"any_id": true}]}'
  bad_operator "quota_ids" '{"version": 1, "vendors": [{"key": "operator.key.pub", "quota_memory_kib": 1}]}'
  bad_operator "ids" '{"version": 1, "key_services": [{"key": "service.key.pub", "ids": ["5F3C1D6E-2B74-4C8F-9A51-7D0E6B3F8C24"]}]}'
  for version in 1.2 1.2.3.4 -1.2.3 ' 1.2.3' 1.2.4294967296 01.2.3 1.2. 99999999999.1.1; do
    bad_operator "floors" '{"version": 1, "floors": {"'$id'": "'"$version"'"}}'
  done
  [ ! -e out ]
}

@test "limits: 64 devices and no more" {
  keys root
  list() { for i in $(seq "$1"); do printf '%s"%032x"' "${comma-}" "$i" && comma=,; done; }
  device '{"version": 1, "devices": ['"$(list 64)"']}'
  printf '{"version": 1, "devices": [%s]}' "$(list 65)" >device.json
  refused 70 "too many" device -i device.json -s root.key -o out
  [ ! -e out ]
}

@test "signing keys: P-256 only, and nothing of the key in a message" {
  keys root
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
  echo '{"version": 1}' >device.json
  refused 70 "P-256" device -i device.json -s rsa.key -o out
  openssl pkey -in root.key -aes256 -passout pass:x -out locked.key
  refused 36 "password" device -i device.json -s locked.key -o out
  refused 81 "none.key" device -i device.json -s none.key -o out
  refused 70 "pin-source" device -i device.json -s 'pkcs11:object=k?pin-value=9876543' -o out
  [[ $stderr != *9876543* ]]
  [ ! -e out ]
}

@test "documents that were changed, cut or are none" {
  keys root
  device '{"version": 1}'
  size=$(stat -c %s device.policy)
  head -c $((size - 1)) device.policy >cut
  refused 53 cut show cut
  { cat device.policy && printf x; } >longer
  refused 53 longer show longer
  head -c 20000 /dev/zero >large
  refused 37 large show large
  : >empty
  refused 53 empty verify -s root.key.pub empty
  # the last byte belongs to the signature
  last=$(tail -c 1 device.policy | od -An -tu1 | tr -d ' ')
  { head -c $((size - 1)) device.policy && printf "\\x$(printf %02x $((last ^ 1)))"; } >changed
  policy show changed
  refused 54 "does not verify" verify -s root.key.pub changed
}

@test "standard input and output; what was there stays when it fails" {
  keys root
  printf '{"version": 7}' | policy device -i - -s root.key -o - | policy show --json - >shown
  [ "$(jq .says.version shown)" = 7 ]
  device '{"version": 1}'
  cp device.policy before
  echo '{"version": 0}' >device.json
  refused 70 version device -i device.json -s root.key -o device.policy
  cmp device.policy before
  [ "$(find . -name 'device.policy*' | wc -l)" = 1 ]
}

@test "help and usage" {
  for command in '' keygen device operator show verify id; do
    # shellcheck disable=SC2086
    run -0 policy $command --help
    [ -n "$output" ]
  done
  refused 2 "signing-key" device -i x -o y
  refused 2 "" frobnicate
}

@test "a key in a PKCS#11 token signs" {
  command -v softhsm2-util >/dev/null || skip "softhsm2 is not installed"
  module=$(find /usr/lib -name libsofthsm2.so -print -quit)
  [ -n "$module" ] || skip "libsofthsm2.so is not installed"
  mkdir tokens
  printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$work" >softhsm2.conf
  export SOFTHSM2_CONF=$work/softhsm2.conf
  keys root
  softhsm2-util --init-token --free --label edb --pin 1234 --so-pin 5678 >/dev/null
  softhsm2-util --import root.key --token edb --label root --id 01 --pin 1234 >/dev/null
  printf 1234 >pin && chmod 600 pin
  echo '{"version": 1}' >device.json
  uri="pkcs11:token=edb;object=root?module-path=$module"
  policy device -i device.json -s "$uri&pin-source=file:$work/pin" -o device.policy
  policy verify --signer root.key.pub device.policy
  EDB_PKCS11_PIN=1234 policy device -i device.json -s "$uri" -o device.policy
  policy verify --signer root.key.pub device.policy
  refused 87 "PIN" device -i device.json -s "$uri" -o out
  EDB_PKCS11_PIN=9999 refused 87 "log in" device -i device.json -s "$uri" -o out
  export EDB_PKCS11_PIN=1234
  refused 87 "private key" device -i device.json -s "${uri/object=root/object=none}" -o out
  refused 87 "token" device -i device.json -s "${uri/token=edb/token=none}" -o out
  refused 87 "cannot load" device -i device.json -s "pkcs11:object=root?module-path=/none.so" -o out
  [ ! -e out ]
}
