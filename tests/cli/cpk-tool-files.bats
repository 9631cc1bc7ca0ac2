#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a command does to files that are there already.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

policy=$EDB_BUILD/cloud/edb-policy/edb-policy

setup_file() {
  BATS_SHARED=$(mktemp -d)
  export BATS_SHARED
  make_vendor "$BATS_SHARED"
  "$policy" keygen -q -o "$BATS_SHARED/root.key"
}
teardown_file() { rm -rf "$BATS_SHARED"; }

setup() {
  new_folder
  cp "$BATS_SHARED"/* .
  head -c 5000 /dev/urandom >payload
}
teardown() { remove_folder; }

# spares FILE COMMAND... : with -o onto it, under each of its names, it is refused and stays
spares() {
  local file=$1 name
  shift
  cp -p "$file" before
  ln -s "$file" "$file.symbolic"
  ln "$file" "$file.hard"
  for name in "$file" "./$file" "$PWD/$file" "$file.symbolic" "$file.hard"; do
    refused 70 "$name: this command reads it" "$@" -o "$name"
    grep -q '^hint: .*-o' err.refused
    cmp "$file" before
    [ -L "$file.symbolic" ]
    [ "$(stat -c %h "$file")" -eq 2 ]
  done
  rm "$file.symbolic" "$file.hard"
  # Nothing half-made beside it.
  [ "$(find . -name "$file.??????" | wc -l)" -eq 0 ]
}

@test "build: no output onto payload, key, certificate, key store or what a reader is named by" {
  spares payload build -i payload
  spares vendor.key build -i payload
  spares vendor.key.crt build -i payload
  spares keys.json build -i payload
  cp vendor.key.crt reader.crt
  spares reader.crt build -i payload --type data --reader "$other_id:reader.crt"
}

@test "build: no output onto a payload that comes from standard input" {
  cp payload before
  run bash -c '"$@" <payload' - "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key -i - -o payload
  [ "$status" -eq 70 ]
  cmp payload before
}

@test "build: no output onto the file with a token's PIN" {
  module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
  [ -n "$module" ] || skip 'SoftHSM is not here'
  export SOFTHSM2_CONF=$PWD/softhsm.conf
  mkdir tokens
  printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm.conf
  softhsm2-util --init-token --free --label vendor --pin 1234 --so-pin 5678 >/dev/null
  softhsm2-util --import vendor.key --token vendor --label signer --id 01 --pin 1234 >/dev/null
  echo 1234 >pin
  spares pin "$tool" build -q -a "$id" -e file -k keys.json -i payload \
    -s "pkcs11:token=vendor;object=signer?module-path=$module&pin-source=file:pin"
}

@test "build: what is left to sign does not go over what was read or made" {
  mkdir sign
  for file in payload.digest payload.sig; do
    cp payload "sign/$file"
    refused 70 'this command reads it' "$tool" build -q -a "$id" -e file -k keys.json \
      -i "sign/$file" -c vendor.key.crt --signature sign -o p.cpk
    cmp payload "sign/$file"
  done
  # The package is the first thing that is made.
  refused 70 'this command' "$tool" build -q -a "$id" -e file -k keys.json \
    -i payload -c vendor.key.crt --signature sign -o sign/package.digest
  [ "$(stat -c %s sign/package.digest)" -gt 5000 ]
}

@test "unpack: no output onto the package, the key store, an anchor, a signer" {
  build -i payload -o p.cpk
  cp vendor.key.crt anchor.crt
  unpack() { "$tool" unpack -q -p p.cpk --payload -e file -k keys.json "$@"; }
  spares p.cpk unpack
  spares p.cpk "$tool" unpack -q -p p.cpk --stream 6
  spares keys.json unpack
  spares anchor.crt unpack -A anchor.crt
  build -i payload -o p.cpk --certificate-form url --certificate-location https://vendor.example/c.crt
  spares anchor.crt unpack -A vendor.key.crt -s anchor.crt
}

@test "unpack: no output onto the file with an access code, or with authorities" {
  build -i payload -o p.cpk
  echo code >code
  cp vendor.key.crt ca.crt
  cp code before
  # Nobody answers there; a service that did would not change the verdict.
  for file in code ca.crt; do
    cp "$file" before
    run "$tool" unpack -q -p p.cpk --payload -e http -k https://127.0.0.1:1/ --access-code-file code \
      --ca-file ca.crt -o "$file"
    [ "$status" -ne 0 ]
    cmp "$file" before
  done
}

@test "edb-policy: no output onto description, signing key, or a key that the description names" {
  "$policy" keygen -q -o operator.key
  echo '{"version": 1, "operator": "operator.key.pub"}' >device.json
  spares device.json "$policy" device -i device.json -s root.key
  spares root.key "$policy" device -i device.json -s root.key
  spares operator.key.pub "$policy" device -i device.json -s root.key
  echo '{"version": 1, "vendors": [{"key": "vendor.key.crt", "quota_ids": 1, "quota_memory_kib": 1}]}' >operator.json
  spares vendor.key.crt "$policy" operator -i operator.json -s operator.key
}

@test "signing elsewhere: the package with signatures takes the name when it is whole" {
  "$tool" build -q -a "$id" -e file -k keys.json -i payload -c vendor.key.crt --signature sign -o p.cpk
  for what in payload package; do
    openssl pkeyutl -sign -inkey vendor.key -in sign/$what.digest -out sign/$what.sig -pkeyopt digest:sha256
  done
  chmod 640 p.cpk
  ln p.cpk unsigned
  cp p.cpk before
  ln -s p.cpk link
  "$tool" build -q --signature sign -o link
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  # Not a byte was written into the file of before: who is interrupted has that one.
  cmp unsigned before
  [ "$(stat -c %a p.cpk)" = 640 ]
  [ -L link ]
  # And once more, over a package that is complete.
  ln -f p.cpk signed
  cp p.cpk before
  "$tool" build -q --signature sign -o p.cpk
  cmp signed before
  cmp p.cpk before
  refused 81 'nowhere.cpk' "$tool" build --signature sign -o nowhere.cpk
  refused 70 'sign' "$tool" build --signature sign -o sign
  [ "$(find . -name 'p.cpk.*' | wc -l)" -eq 0 ]
}

@test "modes: the umask counts for a new file, a file that is there keeps its own" {
  (umask 077 && build -i payload -o new.cpk)
  [ "$(stat -c %a new.cpk)" = 600 ]
  (umask 027 && build -i payload -o other.cpk)
  [ "$(stat -c %a other.cpk)" = 640 ]
  (umask 0 && build -i payload -o public.cpk)
  [ "$(stat -c %a public.cpk)" = 644 ]
  for mode in 600 640 664 755; do
    chmod $mode other.cpk
    build -i payload -o other.cpk
    [ "$(stat -c %a other.cpk)" = $mode ]
  done
  # What is secret is for its owner alone, whatever was there.
  cp payload back
  chmod 644 back
  (umask 0 && "$tool" unpack -q -p new.cpk --payload -e file -k keys.json -o back)
  [ "$(stat -c %a back)" = 600 ]
  chmod 400 back
  "$tool" unpack -q -p new.cpk --payload -e file -k keys.json -o back
  [ "$(stat -c %a back)" = 400 ]
}

@test "what a command reads in order to change it is changed" {
  "$tool" keygen -q -k keys.json -a "$other_id"
  [ "$(jq length keys.json)" -eq 2 ]
}
