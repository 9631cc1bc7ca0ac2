#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load ../cli/common

setup() { new_folder; }
teardown() { remove_folder; }

# Debian's own Python: python3-cryptography is a package of it
reader() { /usr/bin/python3 -B "$top/tests/independent/reader.py" "$@"; }

# anchor PUBLIC-KEY.DER... : what the reader trusts
anchor() { sha256sum "$@" | cut -d ' ' -f 1 >anchors; }

@test "every case of tests/hostile gets its verdict, by the page alone" {
  "$EDB_BUILD/tests/hostile/hostile-write" .
  anchor vendor.der vendor-p256.der vendor-3072.der
  reader -a anchors -k class-key ./*.cpk >verdicts
  [ "$(wc -l <verdicts)" -eq "$(wc -l <index)" ]
  [ "$(wc -l <index)" -gt 300 ]
  awk 'NR == FNR { want[$1] = $3; next }
    { name = $1; gsub(/^\.\/|\.cpk$/, "", name); hit = 0
      for (i = 2; i <= NF; i++) hit += $i == want[name]
      if (!hit) { print name ": not " want[name] " but " $0; bad = 1 } }
    END { exit bad }' index verdicts
}

@test "what cpk-tool builds is well-formed and verifies" {
  make_vendor .
  "$tool" keygen -q --signing-key ec.key --bits 256
  head -c 300000 /dev/urandom >payload
  for form in x509-pem x509-der public-key-pem public-key-der; do
    build -i payload -o "$form.cpk" --certificate-form "$form"
    build -i payload -o "$form-pss.cpk" --certificate-form "$form" --pss
    "$tool" build -q -a "$id" -e file -k keys.json -s ec.key -i payload -o "$form-ec.cpk" \
      --certificate-form "$form"
  done
  for key in vendor ec; do
    openssl pkey -in "$key.key" -pubout -outform DER -out "$key.der"
  done
  anchor vendor.der ec.der
  reader -a anchors ./*.cpk >verdicts
  [ "$(grep -c '	OK$' verdicts)" -eq 12 ]
  anchor ec.der
  [ "$(reader -a anchors x509-pem.cpk)" = 'x509-pem.cpk	SIGNER' ]
}
