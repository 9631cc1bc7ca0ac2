#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# An error has two lines: what failed, on what; and a hint what to do.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

policy=$EDB_BUILD/cloud/edb-policy/edb-policy

setup_file() {
  BATS_SHARED=$(mktemp -d)
  export BATS_SHARED
  cd "$BATS_SHARED"
  make_vendor .
  "$tool" keygen -q -s stranger.key
  "$tool" keygen -q -s ec.key -b 256
  for party in root operator service; do "$policy" keygen -q -o $party.key; done
  head -c 5000 /dev/urandom >payload
  build -i payload -o p.cpk
  build -i payload -o url.cpk --certificate-form url --certificate-location https://vendor.example/c.crt
  "$top/tests/cli/make-2021" p.cpk old.cpk
  openssl pkey -in vendor.key -outform DER -out der.key
  openssl pkey -in vendor.key -aes256 -passout pass:x -out locked.key
  openssl ec -in ec.key -param_enc explicit -out explicit.key 2>/dev/null
  openssl ec -in ec.key -param_enc explicit -pubout -outform DER -out explicit.der 2>/dev/null
  : >empty
  echo '{}' >object.json
  echo nonsense >nonsense
  mkdir folder
  head -c 100 p.cpk >cut.cpk
  sed 's/"cp-id"/"cp-ix"/' p.cpk >member.cpk
}
teardown_file() { rm -rf "$BATS_SHARED"; }

setup() {
  new_folder
  cp -r "$BATS_SHARED"/. .
  export SIMTEE_DIR=$PWD/nowhere
}
teardown() { remove_folder; }

# says CODE THING HINT COMMAND... : THING and HINT are extended regular expressions
says() {
  local code=$1 thing=$2 hint=$3 got=0
  shift 3
  "$@" >out.says 2>err.says </dev/null || got=$?
  if [ "$got" -eq "$code" ] && [ "$(wc -l <err.says)" -eq 2 ] && [ ! -s out.says ] &&
    sed -n 1p err.says | grep -qE -- "^(cpk-tool|edb-policy) [a-z-]+: .*($thing)" &&
    sed -n 2p err.says | grep -qE -- "^hint: .*($hint)" &&
    [ -z "$(grep '(null)\|: $\|:-1' err.says)" ]; then
    return 0
  fi
  echo "exit $got, not $code, or not what it should say ($thing; $hint): $*"
  cat err.says
  wrong=1
}

settle() { [ -z "$wrong" ]; }

@test "cpk-tool build" {
  local wrong=
  b() { "$tool" build -q -a "$id" -e file "$@"; }
  says 81 'nofile' 'is it there' b -k keys.json -s vendor.key -i nofile -o x
  says 81 'folder' 'is it there' b -k keys.json -s vendor.key -i folder -o x
  says 81 '\. into x' 'is it there' b -k keys.json -s vendor.key -i . -o x
  says 81 'nowhere/x' 'is it there' b -k keys.json -s vendor.key -i payload -o nowhere/x
  says 82 'into /dev/full' 'make room' b -k keys.json -s vendor.key -i payload -o /dev/full
  says 81 'nostore' 'is it there' b -k nostore -s vendor.key -i payload -o x
  says 86 'empty' 'key store is' b -k empty -s vendor.key -i payload -o x
  says 86 'object.json.*'"$id" 'keygen' b -k object.json -s vendor.key -i payload -o x
  says 81 'nokey' 'is it there' b -k keys.json -s nokey -i payload -o x
  says 36 'der.key' 'PEM without a password' b -k keys.json -s der.key -i payload -o x
  says 36 'locked.key' 'PEM without a password' b -k keys.json -s locked.key -i payload -o x
  says 36 'empty' 'PEM without a password' b -k keys.json -s empty -i payload -o x
  says 36 'explicit.key' 'named curve' b -k keys.json -s explicit.key -i payload -o x
  says 36 'empty.*(empty|no certificate)' 'PEM or DER' b -k keys.json -s vendor.key -c empty -i payload -o x
  says 36 'object.json.*no (certificate|public key)' 'PEM or DER' b -k keys.json -s vendor.key -c object.json -i payload -o x
  says 36 'explicit.der' 'named curve' b -k keys.json -s vendor.key -c explicit.der -i payload -o x
  says 36 'ec.key.crt' '--certificate' b -k keys.json -s vendor.key -c ec.key.crt -i payload -o x
  says 70 'payload into x.*cp-name' 'docs/format.md' b -k keys.json -s vendor.key -i payload -o x -n $'a\tb'
  says 70 'SOURCE_DATE_EPOCH' '1970' env SOURCE_DATE_EPOCH=x "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key -i payload -o x
  says 35 'signing key' 'keygen' b -k keys.json -i payload -o x
  says 70 'pkcs11:object=a' 'pin-source' b -k keys.json -s 'pkcs11:object=a?pin-value=1234' -i payload -o x
  run ! grep -q 1234 err.says
  says 87 'pkcs11:object=a' 'EDB_PKCS11_PIN' b -k keys.json -s 'pkcs11:object=a?module-path=/no.so' -i payload -o x
  says 70 'pkcs11:%zz' '--help|RFC 7512' b -k keys.json -s 'pkcs11:%zz' -i payload -o x
  says 85 '127.0.0.1:1' 'address' "$tool" build -q -a "$id" -e http -k https://127.0.0.1:1/ -s vendor.key -i payload -o x
  says 70 "key service's address" 'https' "$tool" build -q -a "$id" -e http -k http://example/ -s vendor.key -i payload -o x
  settle
}

@test "cpk-tool build, signing elsewhere" {
  local wrong=
  t() { "$tool" build -q --signature "$@"; }
  "$tool" build -q -a "$id" -e file -k keys.json -i payload -c vendor.key.crt --signature sign -o p.cpk
  "$tool" build -q -a "$id" -e file -k keys.json -i payload -c vendor.key.crt --signature sign2 -o q.cpk \
    --certificate-form url --certificate-location https://vendor.example
  says 81 'sign/payload.sig' 'is it there' t sign -o p.cpk
  says 81 'nopackage' 'is it there' t sign -o nopackage
  says 11 'payload' 'right file' t sign -o payload
  for what in payload package; do
    openssl pkeyutl -sign -inkey stranger.key -in sign/$what.digest -out sign/$what.sig -pkeyopt digest:sha256
    openssl pkeyutl -sign -inkey vendor.key -in sign2/$what.digest -out sign2/$what.sig -pkeyopt digest:sha256
  done
  says 33 'p.cpk.*payload signature' 'digest' t sign -o p.cpk
  says 36 'q.cpk' '--certificate' t sign2 -o q.cpk
  says 36 'empty' 'PEM or DER' "$tool" build -q -a "$id" -e file -k keys.json -i payload -c empty --signature sign -o p.cpk
  settle
}

@test "cpk-tool inspect, verify, unpack" {
  local wrong=
  v() { "$tool" verify "$@"; }
  for command in inspect 'verify -A vendor.key.crt' 'unpack --stream 0 -o x'; do
    # shellcheck disable=SC2086 # several words
    {
      says 81 'nofile' 'is it there' "$tool" $command -p nofile
      says 70 'folder' 'must be a file' "$tool" $command -p folder
      says 10 'empty' 'fetch it again' "$tool" $command -p empty
      says 11 'payload' 'right file' "$tool" $command -p payload
      says 10 'cut.cpk' 'fetch it again' "$tool" $command -p cut.cpk
      says 23 'member.cpk.*cp-id' 'docs/format.md' "$tool" $command -p member.cpk
    }
  done
  says 81 'nofile' 'is it there' v -p p.cpk -A nofile
  says 36 'empty' 'PEM or DER' v -p p.cpk -A empty
  says 56 'p.cpk' '--anchor' v -p p.cpk -A stranger.key.crt
  says 35 'old.cpk' '--allow-2021' v -p old.cpk -A vendor.key.crt
  says 56 'old.cpk' '--anchor' v -p old.cpk -A stranger.key.crt --allow-2021
  says 36 'url.cpk.*vendor.example' '--signer' v -p url.cpk -A vendor.key.crt
  says 36 'stranger.key.crt' '--signer' v -p p.cpk -A vendor.key.crt -s stranger.key.crt
  says 56 'p.cpk' '--anchor' "$tool" unpack -p p.cpk --stream 0 -o x -A stranger.key.crt
  says 35 'old.cpk' '2021' "$tool" unpack -p old.cpk --payload -e file -k keys.json -o x -A vendor.key.crt
  says 86 "object.json.*$id" 'keygen' "$tool" unpack -q -p p.cpk --payload -e file -k object.json -o x
  says 82 '/dev/full' 'make room' "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o /dev/full
  jq --arg id "$id" '.[$id] = "suAWDWNySJO7M94wBw91NHMJyof4Q71rx6LBw6PMQfQ="' keys.json >wrong.json
  says 34 'p.cpk' 'class key' "$tool" unpack -q -p p.cpk --payload -e file -k wrong.json -o x
  settle
}

@test "cpk-tool keygen" {
  local wrong=
  says 81 'vendor.key' 'another name' "$tool" keygen -s vendor.key
  says 81 'nowhere/v.key' 'is it there' "$tool" keygen -s nowhere/v.key
  says 86 "keys.json.*$id" 'another file' "$tool" keygen -k keys.json -a "$id"
  says 86 'empty' 'key store is' "$tool" keygen -k empty -a "$id"
  says 70 "name" 'UUID' "$tool" keygen -k keys.json -a abc
  says 70 'new.key' '1 to 64' "$tool" keygen -s new.key -n ''
  says 81 'nowhere/keys' 'is it there' "$tool" keygen -k nowhere/keys -a "$id"
  settle
}

@test "cpk-tool, commands for a device that is not there" {
  local wrong=
  for command in status list pub-key "install -p p.cpk" "remove -a $id" "policy payload" \
    "provision -r root.key.pub -P payload" "sync -a $id -m file -k keys.json"; do
    # shellcheck disable=SC2086 # several words
    says 84 "$SIMTEE_DIR" 'simtee status' "$tool" $command
  done
  says 81 'nofile' 'is it there' "$tool" install -p nofile
  says 81 'nofile' 'is it there' "$tool" provision -r nofile -P payload
  says 81 'nofile' 'is it there' "$tool" provision -r root.key.pub -P nofile
  says 81 'nofile' 'is it there' "$tool" sync -m bundle -k nofile
  says 37 'large' 'smaller' bash -c 'head -c 20000 /dev/zero >large; "$1" sync -m bundle -k large' - "$tool"
  says 70 'no-uuid' 'cpk-tool list' "$tool" remove -a no-uuid
  says 81 'nofile' 'is it there' "$tool" sync -m file -a "$id" -k keys.json -s service.key -v nofile
  says 36 'url.cpk.*vendor.example' '--signer' "$tool" install -p url.cpk
  settle
}

# described NAME TEXT HINT TYPE JSON : the description cannot be used
described() {
  printf '%s' "$5" >"$1"
  says 70 "$1.*($2)" "$3" "$policy" "$4" -i "$1" -s root.key -o x
}

@test "edb-policy, descriptions: file, member, place in the list" {
  local wrong= id2=7e57da7a-0000-4000-8000-000000000001
  described d.json 'not an object' 'docs/policies.md' device '[]'
  described d.json ':1' 'docs/policies.md' device ''
  described d.json ':1' 'docs/policies.md' device '{"version": 1'
  described d.json ':2.*duplicate' 'docs/policies.md' device $'{"version": 1,\n"version": 2}'
  described d.json 'version.*missing' 'docs/policies.md' device '{}'
  described d.json 'version.*from 1 to' 'docs/policies.md' device '{"version": 0}'
  described d.json 'operater' 'docs/policies.md' device '{"version": 1, "operater": "x"}'
  described d.json 'devices\[1\]' 'docs/policies.md' device '{"version": 1, "devices": ["00112233445566778899aabbccddeeff", "00"]}'
  described d.json 'operator.*name of a key file' 'docs/policies.md' device '{"version": 1, "operator": 7}'
  described o.json 'vendors\[0\]: key: missing' 'docs/policies.md' operator '{"version": 1, "vendors": [{"any_id": true}]}'
  described o.json 'vendors\[0\]: quota_ids: missing' 'docs/policies.md' operator '{"version": 1, "vendors": [{"key": "vendor.key.crt"}]}'
  described o.json 'vendors\[1\]: not an object' 'docs/policies.md' operator \
    '{"version": 1, "vendors": [{"key": "vendor.key.crt", "quota_ids": 1, "quota_memory_kib": 1}, 3]}'
  described o.json 'vendors\[1\]: ids\[1\].*UUID' 'docs/policies.md' operator \
    '{"version": 1, "vendors": [{"key": "vendor.key.crt", "quota_ids": 1, "quota_memory_kib": 1},
      {"key": "stranger.key.crt", "quota_ids": 1, "quota_memory_kib": 1, "ids": ["'"$id2"'", "x"]}]}'
  described o.json 'vendors\[0\]: succeeds\[0\]' 'docs/policies.md' operator \
    '{"version": 1, "vendors": [{"key": "vendor.key.crt", "quota_ids": 1, "quota_memory_kib": 1, "succeeds": [1]}]}'
  described o.json 'key_services\[0\]: ids' 'docs/policies.md' operator '{"version": 1, "key_services": [{"key": "service.key.pub", "ids": 1}]}'
  described o.json "floors.*$id2" 'docs/policies.md' operator '{"version": 1, "floors": {"'$id2'": "1.2"}}'
  described o.json 'floors.*x' 'docs/policies.md' operator '{"version": 1, "floors": {"x": "1.2.3"}}'
  described o.json 'duplicate' 'docs/policies.md' operator '{"version": 1, "key_services": [
    {"key": "service.key.pub"}, {"key": "service.key.pub"}]}'
  settle
}

@test "edb-policy, keys and documents: which one" {
  local wrong=
  p() { "$policy" "$@"; }
  echo '{"version": 1, "operator": "vendor.key.crt"}' >rsa.json
  echo '{"version": 1, "operator": "nokey"}' >nokey.json
  echo '{"version": 1, "operator": "object.json"}' >object-key.json
  echo '{"version": 1}' >good.json
  says 36 'rsa.json: operator: vendor.key.crt.*P-256' 'P-256' p device -i rsa.json -s root.key -o x
  says 81 'nokey.json: operator: .*nokey' 'is it there' p device -i nokey.json -s root.key -o x
  says 36 'object-key.json: operator: object.json' 'PEM or DER' p device -i object-key.json -s root.key -o x
  says 81 'nofile' 'is it there' p device -i nofile -s root.key -o x
  says 81 'nofile' 'is it there' p device -i good.json -s nofile -o x
  says 70 'vendor.key.*P-256' 'edb-policy keygen' p device -i good.json -s vendor.key -o x
  says 36 'locked.key' 'without a password' p device -i good.json -s locked.key -o x
  says 36 'explicit.key' 'P-256' p device -i good.json -s explicit.key -o x
  says 81 'nowhere/x' 'is it there' p device -i good.json -s root.key -o nowhere/x
  says 82 '/dev/full' 'make room' p device -i good.json -s root.key -o /dev/full
  p device -i good.json -s root.key -o good
  for command in show 'verify -s root.key.pub'; do
    # shellcheck disable=SC2086 # several words
    {
      says 53 'nonsense' 'signed' p $command nonsense
      says 53 'empty' 'signed' p $command empty
      says 81 'nofile' 'is it there' p $command nofile
      run ! grep -q 'edb-policy show tells' err.says
    }
  done
  says 54 'good' 'key' p verify -s operator.key.pub good
  says 81 'nofile' 'is it there' p verify -s nofile good
  says 36 'nonsense' 'PEM or DER' p verify -s nonsense good
  says 36 'explicit.der' 'named curve' p id explicit.der
  says 36 'locked.key' 'without a password' p id locked.key
  says 81 'root.key' 'another name' p keygen -o root.key
  says 81 'nowhere/k' 'is it there' p keygen -o nowhere/k
  settle
}
