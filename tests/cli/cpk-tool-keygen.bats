#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

setup() { new_folder; }
teardown() { remove_folder; }

@test "a class key: 32 bytes in base64, in a file for oneself" {
  "$tool" keygen -k keys.json -a "$id"
  [ "$(jq -r --arg id "$id" '.[$id]' keys.json | base64 -d | wc -c)" -eq 32 ]
  [ "$(stat -c %a keys.json)" = 600 ]
}

@test "keys are added, never replaced" {
  "$tool" keygen -k keys.json -a "$id"
  cp keys.json before
  "$tool" keygen -k keys.json -a "$other_id"
  [ "$(jq -r --arg id "$id" '.[$id]' keys.json)" = "$(jq -r --arg id "$id" '.[$id]' before)" ]
  [ "$(jq length keys.json)" -eq 2 ]
  cp keys.json before
  refused 86 "has a key named $id" "$tool" keygen -k keys.json -a "$id"
  cmp keys.json before
}

@test "two at a time lose no key" {
  for n in 0 1 2 3 4 5 6 7; do
    "$tool" keygen -k keys.json -a "key-number-$n" &
  done
  wait
  [ "$(jq length keys.json)" -eq 8 ]
}

@test "the store may come from the environment" {
  CP_FILE_KEY_SOURCE=keys.json "$tool" keygen -a "$id"
  [ "$(jq length keys.json)" -eq 1 ]
  refused 2 'no key store is named' "$tool" keygen -a "$id"
}

@test "a store that is none stays as it is" {
  for text in '' '[]' '{"a":1' '{"a":"b","a":"c"}' 'suAWDWNySJO7M94wBw91NHMJyof4Q71rx6LBw6PMQfQ='; do
    printf '%s' "$text" >keys.json
    refused 86 'no JSON object of keys' "$tool" keygen -k keys.json -a "$id"
    run cat err.refused
    [[ $output != *suAW* ]] # might be a key
    [ "$(cat keys.json)" = "$text" ]
  done
}

@test "a link stays a link" {
  mkdir elsewhere
  ln -s elsewhere/keys.json keys.json
  echo '{}' >elsewhere/keys.json
  "$tool" keygen -k keys.json -a "$id"
  [ -L keys.json ]
  [ "$(jq length elsewhere/keys.json)" -eq 1 ]
}

@test "a name that no package could have is refused" {
  refused 70 '5 to 36' "$tool" keygen -k keys.json -a abcd
  refused 70 '5 to 36' "$tool" keygen -k keys.json -a "${id}0"
  [ ! -e keys.json ]
}

@test "a signing key and its certificate, of each kind" {
  for bits in 2048 3072 4096 256; do
    "$tool" keygen -q -s "v$bits.key" --bits "$bits" --name 'Värdes GmbH'
    [ "$(stat -c %a "v$bits.key")" = 600 ]
    openssl pkey -in "v$bits.key" -noout -check >/dev/null
    openssl verify -CAfile "v$bits.key.crt" "v$bits.key.crt" >/dev/null
    openssl x509 -in "v$bits.key.crt" -noout -subject -nameopt utf8 | grep -q 'Värdes GmbH'
    cmp <(openssl x509 -in "v$bits.key.crt" -noout -pubkey) <(openssl pkey -in "v$bits.key" -pubout)
  done
}

@test "a service's key: P-256, a bare public key" {
  "$tool" keygen -q --service-key service.key
  cmp service.key.pub <(openssl pkey -in service.key -pubout)
  openssl pkey -in service.key -noout -text | grep -q 'prime256v1\|P-256'
}

@test "keys are never overwritten" {
  "$tool" keygen -q -s vendor.key
  cp vendor.key before
  refused 81 'there already' "$tool" keygen -s vendor.key
  rm vendor.key.crt
  refused 81 'there already' "$tool" keygen -s vendor.key
  cmp vendor.key before
  rm vendor.key
  touch vendor.key.crt
  refused 81 'there already' "$tool" keygen -s vendor.key
  [ ! -e vendor.key ]
}

@test "a failure leaves no half pair" {
  refused 70 'cannot make the certificate' "$tool" keygen -s vendor.key --name ''
  left_nothing vendor
  refused 81 'cannot create' "$tool" keygen -s nowhere/vendor.key
}

@test "it must be clear what to make" {
  refused 2 'says what to make' "$tool" keygen
  refused 2 'says what to make' "$tool" keygen -k keys.json
  refused 2 'says what to make' "$tool" keygen -a "$id" -s vendor.key
}

@test "no option is passed over in silence" {
  refused 2 '--bits' "$tool" keygen --service-key service.key -b 3072
  refused 2 '--bits' "$tool" keygen -k keys.json -a "$id" -b 3072
  refused 2 '--name' "$tool" keygen --service-key service.key -n Name
  refused 2 '--name' "$tool" keygen -k keys.json -a "$id" -n Name
  refused 2 '--key-store' "$tool" keygen -s vendor.key -k keys.json
  [ "$(ls)" = "$(printf '%s\n' err.refused out.refused)" ]
  "$tool" keygen -q --service-key service.key -b 256
}

@test "keys go into files, not through standard input or output" {
  refused 2 'a file' "$tool" keygen -s -
  refused 2 'a file' "$tool" keygen --service-key -
  refused 2 'a file' "$tool" keygen -k - -a "$id"
  CP_FILE_KEY_SOURCE=- refused 2 'a file' "$tool" keygen -a "$id"
  refused 2 'a file' "$EDB_BUILD/cloud/edb-policy/edb-policy" keygen -o -
  [ "$(ls)" = "$(printf '%s\n' err.refused out.refused)" ]
}

@test "no key is printed" {
  run "$tool" keygen -k keys.json -a "$id"
  [ -z "$output" ]
  run "$tool" keygen -s vendor.key
  [[ $output != *PRIVATE* ]]
}
