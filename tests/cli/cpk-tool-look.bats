#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# inspect, verify, unpack.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

setup_file() {
  BATS_SHARED=$(mktemp -d)
  export BATS_SHARED
  make_vendor "$BATS_SHARED"
  "$tool" keygen -q -s "$BATS_SHARED/stranger.key"
  cd "$BATS_SHARED"
  head -c 5000 /dev/urandom >payload
  build -i payload -o p.cpk -n 'An application'
  "$top/tests/cli/make-2021" p.cpk old.cpk
}
teardown_file() { rm -rf "$BATS_SHARED"; }

setup() {
  new_folder
  cp "$BATS_SHARED"/* .
}
teardown() { remove_folder; }

change() { # change FILE OFFSET : another byte there
  python3 - "$1" "$2" <<'END'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 1]))
END
}
offset() { "$tool" inspect -p "$1" --json | jq ".streams[$2].offset"; }

@test "inspect says what is there, and that nothing is verified" {
  run "$tool" inspect -p p.cpk
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == *'Nothing here is verified'* ]]
  [[ $output == *"$id"*'An application'*'1.0.0'* ]]
  [[ $output == *'package and payload, rsa-pkcs1v15'* ]]
  run "$tool" inspect -p old.cpk
  [[ $output == *'payload only (2021)'* ]]
}

@test "inspect does not care who signed: even a forgery is shown, as unverified" {
  change p.cpk "$(offset p.cpk 8)"
  run "$tool" inspect -p p.cpk --json
  [ "$status" -eq 0 ]
  [ "$(jq .verified <<<"$output")" = false ]
}

@test "inspect --json is JSON with manifest and streams" {
  run "$tool" inspect -p p.cpk -j
  [ "$(jq -r '.manifest["cp-name"]' <<<"$output")" = 'An application' ]
  [ "$(jq '.streams | length' <<<"$output")" -eq 9 ]
  [ "$(jq -r '.streams[6].role' <<<"$output")" = manifest ]
  [ "$(jq -r '[.streams[].size] | add' <<<"$output")" -eq $(($(stat -c %s p.cpk) - 160)) ]
}

@test "a terminal gets no control characters from a hostile name" {
  printf 'a\xc2\x9b31mb\xe2\x80\xaec' >name
  build -i payload -o p.cpk -n "$(cat name)"
  run "$tool" inspect -p p.cpk
  [ "$status" -eq 0 ]
  run ! env LC_ALL=C grep -q $'\xc2\x9b\|\xe2\x80\xae' <<<"$output"
  run "$tool" inspect -p p.cpk --json
  run ! env LC_ALL=C grep -q $'\xc2\x9b\|\xe2\x80\xae' <<<"$output"
}

@test "what is no package, or only a part of one" {
  refused 10 'empty' "$tool" inspect -p <(:) || refused 70 '' "$tool" inspect -p <(:)
  : >empty
  refused 10 'empty' "$tool" inspect -p empty
  refused 11 'payload' "$tool" inspect -p payload
  for size in 15 100 200; do
    head -c $size p.cpk >cut
    run "$tool" inspect -p cut
    [ "$status" -ge 10 ] && [ "$status" -lt 40 ]
  done
  refused 81 'nowhere' "$tool" inspect -p nowhere
  refused 70 'no pipe' bash -c 'cat p.cpk | "$1" inspect -p -' - "$tool"
}

@test "verify says what was verified, and by whom" {
  run "$tool" verify -p p.cpk -A vendor.key.crt
  [ "$status" -eq 0 ]
  [[ $output == *everything*"$id"* ]]
  [[ $output == *"$(openssl x509 -in vendor.key.crt -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)"* ]]
  [[ $output == *'CN=A vendor (for information'* ]]
}

@test "anchors: certificate, public key, PEM, DER, id; several" {
  openssl x509 -in vendor.key.crt -noout -pubkey >vendor.pub
  openssl pkey -pubin -in vendor.pub -outform DER -out vendor.der
  openssl x509 -in vendor.key.crt -outform DER -out vendor.crt.der
  for anchor in vendor.key.crt vendor.pub vendor.der vendor.crt.der \
    "$(openssl dgst -sha256 -r vendor.der | cut -d' ' -f1)"; do
    "$tool" verify -q -p p.cpk -A "$anchor"
  done
  "$tool" verify -q -p p.cpk -A stranger.key.crt -A vendor.key.crt
  refused 36 '' "$tool" verify -p p.cpk -A payload
  refused 2 '--anchor FILE is missing' "$tool" verify -p p.cpk
}

@test "a stranger's signature is refused" {
  refused 56 '' "$tool" verify -p p.cpk -A stranger.key.crt
  grep -q 'hint: .*--anchor' err.refused
}

@test "any changed byte that an installer uses is found" {
  for stream in 0 1 2 3 4 7 8; do
    cp p.cpk changed
    change changed "$(offset p.cpk $stream)"
    run "$tool" verify -p changed -A vendor.key.crt
    [ "$status" -ge 32 ] && [ "$status" -le 33 ]
  done
  cp p.cpk changed
  at=$(($(offset p.cpk 6) + $(grep -abo 'An application' p.cpk | head -n 1 | cut -d: -f1) - $(offset p.cpk 6)))
  change changed "$at"
  refused 32 '' "$tool" verify -p changed -A vendor.key.crt
}

@test "a package of 2021 is verified only when asked for, and little is said" {
  refused 35 '' "$tool" verify -p old.cpk -A vendor.key.crt
  grep -q -- '--allow-2021' err.refused
  run "$tool" verify -p old.cpk -A vendor.key.crt --allow-2021
  [ "$status" -eq 0 ]
  [[ $output == *'only who signed'*'not signed'* ]]
  refused 56 '' "$tool" verify -p old.cpk -A stranger.key.crt --allow-2021
  # Never a way round the package signature.
  change p.cpk "$(offset p.cpk 8)"
  refused 33 '' "$tool" verify -p p.cpk -A vendor.key.crt --allow-2021
}

@test "unpack: one stream, as it is" {
  "$tool" unpack -q -p p.cpk --stream 6 -o - | jq -e . >/dev/null
  "$tool" unpack -q -p p.cpk --stream 3 -o digest
  cmp digest <(openssl dgst -sha256 -binary payload)
  refused 2 'streams 0 to 8' "$tool" unpack -p p.cpk --stream 9 -o x
  refused 2 'streams 0 to 8' "$tool" unpack -p p.cpk --stream -1 -o x
  refused 2 'either' "$tool" unpack -p p.cpk -o x
  refused 2 'either' "$tool" unpack -p p.cpk -o x --stream 1 --payload
  left_nothing x
}

@test "unpack: the payload, decrypted and checked" {
  run "$tool" unpack -p p.cpk --payload -e file -k keys.json -o back
  [ "$status" -eq 0 ]
  [[ $output == *'not checked (--anchor)'* ]]
  cmp back payload
  run "$tool" unpack -p p.cpk --payload -e file -k keys.json -o back -A vendor.key.crt
  [ -z "$output" ]
  cmp back payload
  "$tool" unpack -q -p old.cpk --payload -e file -k keys.json -o back
  cmp back payload
}

@test "unpack: whom to trust counts for a stream as it is, too" {
  "$tool" unpack -q -p p.cpk --stream 6 -o manifest -A vendor.key.crt
  rm manifest
  refused 56 'p.cpk: the signer' "$tool" unpack -p p.cpk --stream 6 -o manifest -A stranger.key.crt
  refused 56 'p.cpk: the signer' "$tool" unpack -p p.cpk --payload -e file -k keys.json -o manifest \
    -A stranger.key.crt
  grep -q 'hint: .*--anchor' err.refused
  refused 35 'old.cpk: ' "$tool" unpack -p old.cpk --stream 6 -o manifest -A vendor.key.crt
  grep -q 'hint: .*2021' err.refused
  change p.cpk "$(offset p.cpk 0)"
  refused 32 '' "$tool" unpack -p p.cpk --stream 6 -o manifest -A vendor.key.crt
  left_nothing manifest
}

@test "no option is passed over in silence" {
  refused 2 '--payload' "$tool" unpack -p p.cpk --stream 6 -o x -e file
  refused 2 '--payload' "$tool" unpack -p p.cpk --stream 6 -o x -k keys.json
  refused 2 '--payload' "$tool" unpack -p p.cpk --stream 6 -o x --ca-file keys.json
  refused 2 '--payload' "$tool" unpack -p p.cpk --stream 6 -o x --access-code-file keys.json
  refused 2 '--anchor' "$tool" unpack -p p.cpk --stream 6 -o x -s vendor.key.crt
  # The signer's certificate, where the package has one: the same, or it is somebody else's.
  "$tool" verify -q -p p.cpk -A vendor.key.crt -s vendor.key.crt
  refused 36 'stranger.key.crt' "$tool" verify -p p.cpk -A vendor.key.crt -s stranger.key.crt
  refused 36 'stranger.key.crt' "$tool" unpack -p p.cpk --stream 6 -o x -A vendor.key.crt -s stranger.key.crt
  refused 36 'stranger.key.crt' "$tool" install -p p.cpk -s stranger.key.crt
  left_nothing x
}

@test "unpack: a wrong key or changed bytes give no file" {
  jq --arg id "$id" '.[$id] = "suAWDWNySJO7M94wBw91NHMJyof4Q71rx6LBw6PMQfQ="' keys.json >wrong.json
  refused 34 '' "$tool" unpack -q -p p.cpk --payload -e file -k wrong.json -o back
  change p.cpk "$(offset p.cpk 0)"
  refused 34 '' "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o back
  refused 32 '' "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o back -A vendor.key.crt
  left_nothing back
  refused 2 '--encryption-key-method' "$tool" unpack -p p.cpk --payload -o back
  refused 82 '' "$tool" unpack -q -p old.cpk --payload -e file -k keys.json -o /dev/full
}
