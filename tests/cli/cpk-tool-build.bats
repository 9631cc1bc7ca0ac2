#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

setup_file() {
  BATS_SHARED=$(mktemp -d)
  export BATS_SHARED
  make_vendor "$BATS_SHARED"
}
teardown_file() { rm -rf "$BATS_SHARED"; }

setup() {
  new_folder
  cp "$BATS_SHARED"/* .
  head -c 300000 /dev/urandom >payload
}
teardown() { remove_folder; }

manifest() { "$tool" inspect -p "$1" --json | jq -r "$2"; }

@test "what is packed comes out again, and nothing of it is in the package" {
  build -i payload -o p.cpk
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o back
  cmp payload back
  run ! grep -qF "$(jq -r --arg id "$id" '.[$id]' keys.json)" p.cpk
  [ "$(stat -c %a back)" = 600 ]
}

@test "an empty payload" {
  : >payload
  build -i payload -o p.cpk
  "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o back -A vendor.key.crt
  [ ! -s back ]
}

@test "the same bytes twice are two packages: nonces are new" {
  build -i payload -o a.cpk
  build -i payload -o b.cpk
  for stream in 0 1; do
    "$tool" unpack -q -p a.cpk --stream $stream -o a
    "$tool" unpack -q -p b.cpk --stream $stream -o b
    run ! cmp -s a b
  done
}

@test "options of 2021, and what the manifest says" {
  "$tool" build --quiet --input-payload payload --output-package p.cpk --application-id "$id" \
    --encryption-key-method file --key-store keys.json --wrapping-key-method local \
    --application-name Name --vendor Vendor --signing-key vendor.key
  [ "$(manifest p.cpk '.manifest["cp-id"]')" = "$id" ]
  [ "$(manifest p.cpk '.manifest["cp-name"]')" = Name ]
  [ "$(manifest p.cpk '.manifest["cp-vendor"]')" = Vendor ]
  [ "$(manifest p.cpk '.manifest.payload.enc["aes-gcm"].key_name')" = "$id" ]
  [ "$(manifest p.cpk '.manifest.payload.sig["rsa-pkcs1v15"].key_strength')" = 2048 ]
  [ "$(manifest p.cpk '.manifest.payload.cert | keys[0]')" = embedded-x509-pem ]
  build -i payload -o p.cpk
  [ "$(manifest p.cpk '.manifest["cp-name"] + .manifest["cp-vendor"]')" = UnknownUnknown ]
}

@test "keys and stores from the environment" {
  CP_FILE_KEY_SOURCE=keys.json CP_SIGNING_KEY=vendor.key CP_CERTIFICATE=vendor.key.crt \
    "$tool" build -q -i payload -o p.cpk -a "$id" -e file
  "$tool" verify -q -p p.cpk -A vendor.key.crt
}

@test "version, type, target, key version" {
  build -i payload -o p.cpk
  [ "$(manifest p.cpk '.manifest.payload.ver | "\(.maj).\(.min).\(.rev)"')" = 1.0.0 ]
  [ "$(manifest p.cpk '.manifest.payload.target | "\(.arch) \(.os)"')" = "$(uname -m) simtee" ]
  [ "$(manifest p.cpk '.manifest.payload.enc["aes-gcm"].key_version')" = 1 ]
  build -i payload -o p.cpk --app-version 2.30.4294967295 --key-version 7 --target-os OP-TEE
  [ "$(manifest p.cpk '.manifest.payload.ver | "\(.maj).\(.min).\(.rev)"')" = 2.30.4294967295 ]
  [ "$(manifest p.cpk '.manifest.payload.target | "\(.arch) \(.os)"')" = 'aarch64 OP-TEE' ]
  [ "$(manifest p.cpk '.manifest.payload.enc["aes-gcm"].key_version')" = 7 ]
  build -i payload -o p.cpk --type data --key-version 0 --reader "$other_id:vendor.key.crt"
  [ "$(manifest p.cpk '.manifest.payload.target | "\(.arch) \(.os)"')" = 'any any' ]
  [ "$(manifest p.cpk '.manifest.payload.enc["aes-gcm"].key_version')" = null ]
  [ "$(manifest p.cpk '.manifest.payload.readers[0].id')" = "$other_id" ]
  [ "$(manifest p.cpk '.manifest.payload.readers[0].vendor')" = "$(manifest p.cpk .signer)" ]
}

@test "what a device would not take is packed, with a note" {
  noted() {
    local words=$1
    shift
    run --separate-stderr "$tool" build -a "$id" -e file -k keys.json -s vendor.key -i payload -o p.cpk "$@"
    [ "$status" -eq 0 ] && [[ $stderr == *"note: "*"$words"* ]] || { echo "$stderr"; return 1; }
  }
  noted 'key version' --key-version 0
  noted "'foo'" --target-os foo
  noted 'foo' --certificate-form url --certificate-location foo
  noted 'my-app' --type data --reader my-app:vendor.key.crt
  run --separate-stderr build -i payload -o p.cpk --key-version 0 --target-os foo
  [ -z "$stderr" ]
  run --separate-stderr "$tool" build -a "$id" -e file -k keys.json -s vendor.key -i payload -o p.cpk \
    --type data --reader "$other_id:vendor.key.crt" --target-os any \
    --certificate-form url --certificate-location https://vendor.example/c.crt
  [ -z "$stderr" ]
}

@test "dates can be fixed" {
  for wrong in x -1 1.5 99999999999; do
    SOURCE_DATE_EPOCH=$wrong refused 70 'SOURCE_DATE_EPOCH' build -i payload -o p.cpk
  done
  left_nothing p.cpk
  SOURCE_DATE_EPOCH='' build -i payload -o p.cpk
  SOURCE_DATE_EPOCH=0 build -i payload -o p.cpk
  [ "$(manifest p.cpk .manifest.payload.ver.date)" = '1970-01-01 00:00:00.000000 UTC' ]
}

@test "values out of their bounds" {
  for version in 1 1.2 1.2.3.4 1..2 1.2.4294967296 a.b.c -1.0.0 '1.0.0 ' 1.2.; do
    refused 2 'MAJOR.MINOR.REVISION' build -i payload -o p.cpk --app-version "$version"
  done
  refused 2 '--key-version' build -i payload -o p.cpk --key-version -1
  refused 2 '--reader' build -i payload -o p.cpk --reader "$id:vendor.key.crt"
  refused 2 'ID:VENDOR' build -i payload -o p.cpk --type data --reader "$id"
  refused 81 'nobody' build -i payload -o p.cpk --type data --reader "$id:nobody"
  refused 70 '5 to 36' "$tool" build -i payload -o p.cpk -a x -e file -k keys.json -s vendor.key
  left_nothing p.cpk
}

@test "an id that is no UUID is packed, with a note" {
  "$tool" keygen -k keys.json -a my-app
  run "$tool" build -i payload -o p.cpk -a my-app -e file -k keys.json -s vendor.key
  [ "$status" -eq 0 ]
  [[ $output == *'UUID'* ]]
}

@test "what is missing is named" {
  refused 2 '--output-package' "$tool" build -i payload -a "$id" -e file -k keys.json -s vendor.key
  refused 2 '--input-payload' "$tool" build -o p.cpk -a "$id" -e file -k keys.json -s vendor.key
  refused 2 '--application-id' "$tool" build -i payload -o p.cpk -e file -k keys.json -s vendor.key
  refused 2 '--encryption-key-method' "$tool" build -i payload -o p.cpk -a "$id" -s vendor.key
  refused 2 'CP_FILE_KEY_SOURCE' "$tool" build -i payload -o p.cpk -a "$id" -e file -s vendor.key
  refused 2 'CP_CLOUD_KEY_SOURCE' "$tool" build -i payload -o p.cpk -a "$id" -e http -s vendor.key
}

@test "without a signing key it stops and says how to make one" {
  refused 35 'no signing key' "$tool" build -i payload -o p.cpk -a "$id" -e file -k keys.json
  grep -q 'hint: .*cpk-tool keygen --signing-key' err.refused
  left_nothing p.cpk
}

@test "Parsec is known and refused" {
  refused 2 'Parsec' build -i payload -o p.cpk -w parsec
}

@test "a class key that is not there, or is none" {
  refused 86 "no key named $other_id" \
    "$tool" build -i payload -o p.cpk -a "$other_id" -e file -k keys.json -s vendor.key
  grep -q 'cpk-tool keygen' err.refused
  for key in '' c2hvcnQ= 'suAWDWNySJO7M94wBw91NHMJyof4Q71rx6LBw6PMQfQ' "$(head -c 33 /dev/zero | base64)"; do
    jq -n --arg id "$id" --arg key "$key" '{($id): $key}' >bad.json
    refused 86 'not 32 bytes in base64' "$tool" build -i payload -o p.cpk -a "$id" -e file -k bad.json -s vendor.key
    [ -z "$key" ] || run ! grep -qF -- "$key" err.refused
  done
  refused 81 'nowhere' "$tool" build -i payload -o p.cpk -a "$id" -e file -k nowhere -s vendor.key
  left_nothing p.cpk
}

@test "a store that others may read is noted, a key is never printed" {
  chmod 644 keys.json
  run "$tool" build -i payload -o p.cpk -a "$id" -e file -k keys.json -s vendor.key
  [ "$status" -eq 0 ]
  [[ $output == *'chmod 600'* ]]
  [[ $output != *"$(jq -r --arg id "$id" '.[$id]' keys.json)"* ]]
}

@test "unreadable input, unwritable output" {
  refused 81 'nowhere' build -i nowhere -o p.cpk
  refused 81 'p.cpk' build -i payload -o nowhere/p.cpk
  refused 81 'directory' build -i . -o p.cpk
  mkdir folder
  refused 81 'folder' build -i payload -o folder
  left_nothing p.cpk
}

@test "a full output is an error, and a device stays a device" {
  refused 82 'No space' build -i payload -o /dev/full
  build -i payload -o /dev/null
  [ -c /dev/null ]
  [ -c /dev/full ]
}

@test "a full disk leaves the old file" {
  [ "$(id -u)" -eq 0 ] || skip 'needs root, to mount a small tmpfs'
  mkdir small
  mount -t tmpfs -o size=64k none small 2>/dev/null || skip 'mounting is not allowed here'
  echo old >small/p.cpk
  run refused 82 'No space' build -i payload -o small/p.cpk
  contents=$(ls small)
  old=$(cat small/p.cpk)
  umount small
  [ "$status" -eq 0 ]
  [ "$contents" = p.cpk ]
  [ "$old" = old ]
}

@test "an output is replaced only when the new one is whole" {
  echo old >p.cpk
  refused 86 'no key' "$tool" build -i payload -o p.cpk -a "$other_id" -e file -k keys.json -s vendor.key
  [ "$(cat p.cpk)" = old ]
  build -i payload -o p.cpk
  "$tool" verify -q -p p.cpk -A vendor.key.crt
}

@test "interrupted: nothing is left, and the old file stays" {
  for signal in INT TERM HUP; do
    echo old >p.cpk
    mkfifo pipe
    # Opened for both directions, the pipe has no end: the build waits for more.
    exec 5<>pipe
    # A shell's background job would ignore SIGINT, and what runs under nohup SIGHUP.
    perl -e '@SIG{"INT", "HUP"} = ("DEFAULT") x 2; exec @ARGV' "$tool" build -q -a "$id" -e file -k keys.json \
      -s vendor.key -i pipe -o p.cpk 5>&- &
    child=$!
    head -c 300000 payload >&5
    while [ "$(find . -name 'p.cpk.*' | wc -l)" -eq 0 ]; do kill -0 $child; done
    kill -$signal $child
    status=0
    wait $child || status=$?
    [ "$status" -eq $((128 + $(kill -l $signal))) ]
    exec 5>&-
    rm pipe
    [ "$(ls p.cpk*)" = p.cpk ]
    [ "$(cat p.cpk)" = old ]
  done
}

@test "standard input and standard output" {
  build -i - -o p.cpk <payload
  "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o - | cmp - payload
  build -i payload -o - >q.cpk
  "$tool" verify -q -p - -A vendor.key.crt <q.cpk
  # From a pipe the size is not known before; to a pipe there is no way back.
  cat payload | build -i - -o p.cpk
  "$tool" unpack -q -p p.cpk --payload -e file -k keys.json -o back
  cmp payload back
  build -i payload -o - | cat >r.cpk
  "$tool" verify -q -p r.cpk -A vendor.key.crt
  run bash -c 'cat payload | "$@" -i - -o - | cat; exit "${PIPESTATUS[1]}"' - \
    "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key
  [ "$status" -eq 70 ]
}

@test "input and output may not be one file" {
  cp payload both
  refused 70 'both' build -i both -o both
  cmp payload both
  # libcpk's own check, for what is written as it is
  run bash -c '"$@" 1<>both' - "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key -i both -o -
  [ "$status" -eq 70 ]
  cmp payload both
}

@test "no progress in a pipe, none with --quiet" {
  run --separate-stderr "$tool" build -a "$id" -e file -k keys.json -s vendor.key -i payload -o p.cpk
  [ -z "$stderr" ]
  [[ $output == 'p.cpk: '*' bytes, package digest '* ]]
  run build -i payload -o p.cpk
  [ -z "$output" ]
}

@test "a closed standard output is no reason for a signal" {
  run bash -c '"$@" | true; exit "${PIPESTATUS[0]}"' - \
    "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key -i payload -o -
  [ "$status" -eq 81 ]
}

@test "on a terminal there is progress, and it is gone at the end" {
  head -c 30000000 /dev/zero >payload
  python3 - "$tool" build -a "$id" -e file -k keys.json -s vendor.key -i payload -o p.cpk >seen <<'END'
import os, pty, sys
os.environ["TERM"] = "xterm"
pty.spawn(sys.argv[1:])
END
  grep -q 'packing \[' seen
  # Cleared before the result is printed.
  tail -c 200 seen | grep -q $'\r\033\\[K.*p.cpk: '
  python3 - "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key -i payload -o p.cpk >seen <<'END'
import os, pty, sys
os.environ["TERM"] = "xterm"
pty.spawn(sys.argv[1:])
END
  [ ! -s seen ]
}

@test "a package to a terminal is refused" {
  python3 - "$tool" build -a "$id" -e file -k keys.json -s vendor.key -i payload -o - >seen <<'END' || true
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
END
  grep -q 'standard output is a terminal' seen
}
