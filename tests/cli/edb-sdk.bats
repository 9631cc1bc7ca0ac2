#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# edb-sdk, as its manual page describes it. That what it builds runs: tests/e2e/sdk.bats.

bats_require_minimum_version 1.5.0
load common

setup() {
  new_folder
  sdk=$EDB_BUILD/sdk/edb-sdk/edb-sdk
  unset TA_DEV_KIT_DIR
  "$sdk" new --quiet app
}
teardown() { remove_folder; }

# with FILTER : the description, changed
with() {
  jq "$1" app/enclave.json >changed.json
  mv changed.json app/enclave.json
}
# wrong FILTER WORDS : so changed it is refused, and nothing is built
wrong() {
  cp app/enclave.json before.json
  with "$1"
  refused 70 "$2" "$sdk" build app
  grep -q 'enclave.json: ' err.refused
  grep -q '^hint: docs/sdk.md' err.refused
  [ ! -e app/build-simtee ]
  mv before.json app/enclave.json
}

@test "new: a folder of its own name and UUID, in place of nothing that is there" {
  "$sdk" new --quiet sub_2
  [ "$(jq -r .name sub_2/enclave.json)" = sub_2 ]
  [ -f sub_2/sub_2.edl ]
  grep -q SUB_2_UUID sub_2/sub_2.c
  ids=$(jq -r .uuid app/enclave.json sub_2/enclave.json)
  [ "$(sort -u <<<"$ids" | grep -cE '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')" = 2 ]
  run grep -ril template app sub_2
  [ "$status" -eq 1 ]
  cksum app/* >before
  refused 81 'File exists' "$sdk" new app
  cksum app/* | diff before -
  for name in 2app App my-app . "a b" abcdefghijklmnopqrstuvwxyz012345; do
    refused 70 'no name of an application' "$sdk" new "$name"
  done
  refused 81 'none/app' "$sdk" new none/app
}

@test "build: image, host program, the UUID for hosts; what to do next" {
  run --separate-stderr "$sdk" build app
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ $output == *"app/build-simtee/app.ta.elf"*"cpk-tool build"*"$(jq -r .uuid app/enclave.json)"* ]]
  "$top/tests/unit/edger8r/image_test" app/build-simtee/app.ta.elf
  grep -qF "\"$(jq -r .uuid app/enclave.json)\"" app/build-simtee/app_id.h
  [ -x app/build-simtee/app ]
  run "$sdk" build --quiet -o out --enclave-only app/
  [ -z "$output" ]
  [ -f out/app.ta.elf ] && [ ! -e out/app ]
  cmp out/app.ta.elf app/build-simtee/app.ta.elf
}

@test "stack, heap and flags reach the image" {
  with '.stack_kib = 20 | .heap_kib = 332 | .flags = ["single_instance", "multi_session", "keep_alive"]'
  "$sdk" build --quiet --enclave-only app
  head=$(objcopy -O binary -j .ta_head app/build-simtee/app.ta.elf /dev/stdout | od -An -v -tx1 | tr -d ' \n')
  # UUID, then stack and flags, little-endian.
  [ "${head:32:16}" = 005000001c000000 ]
  heap=0x$(nm -D app/build-simtee/app.ta.elf | awk '$3 == "ta_heap_size" { print $1 }')
  [ "$(od -An -tu8 -j "$((heap))" -N 8 app/build-simtee/app.ta.elf | tr -d ' ')" = $((332 * 1024)) ]
}

@test "a description is read strictly" {
  wrong 'del(.uuid)' '"uuid" is missing'
  wrong 'del(.name)' '"name" is missing'
  wrong 'del(.stack_kib)' '"stack_kib" is missing'
  wrong 'del(.enclave)' '"enclave" is missing'
  wrong '.uuid = "5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c2"' '"uuid" is no UUID'
  wrong '.name = "../app"' '"name" is not'
  wrong '.heap_kib = 66' '"heap_kib" is no multiple of 4'
  wrong '.heap_kib = 12292' '"heap_kib" is no multiple of 4 from 4 to 12288'
  wrong '.heap_kib = "64"' '"heap_kib" is no multiple'
  wrong '.stack_kib = 0' '"stack_kib" is no multiple'
  wrong '.stack_kb = 16' 'no such member: "stack_kb"'
  wrong '.flags = ["singleinstance"]' 'there are single_instance, multi_session, keep_alive'
  wrong '.flags = ["keep_alive"]' 'single_instance'
  wrong '.flags = ["single_instance", "single_instance"]' 'twice'
  wrong '.enclave = []' '"enclave" is no list'
  wrong '.enclave = ["/etc/passwd.c"]' 'item 1 is no C file'
  wrong '.enclave = ["enclave.c", "enclave.cc"]' 'item 2 is no C file'
  wrong '.edl = "sub/app.edl"' '"edl" is no name'
  wrong '[.]' 'no JSON object'
  sed -i 's/"flags"/"name": "other", "flags"/' app/enclave.json
  refused 70 'duplicate' "$sdk" build app
  rm app/enclave.json
  refused 81 'app/enclave.json' "$sdk" build app
  grep -q 'edb-sdk new' err.refused
  refused 81 'nowhere' "$sdk" build nowhere
}

@test "what is wrong in EDL and in C is said with its place, and leaves no image" {
  "$sdk" build --quiet app
  sed -i 's/uint32_t a,/uint32_t *a,/' app/app.edl
  refused 70 'app.edl:[0-9]*:[0-9]*: error' "$sdk" build app
  sed -i 's/uint32_t \*a,/uint32_t a,/' app/app.edl
  sed -i 's/return a + b/return a + c/' app/enclave.c
  refused 70 'enclave.c:[0-9]*:[0-9]*: error' "$sdk" build app
  grep -q 'the enclave: refused' err.refused
  left_nothing app.ta.elf.build
  [ ! -e app/build-simtee/app.ta.elf ]
  sed -i 's/return a + c/return a + b/' app/enclave.c
  sed -i 's/int main/int mian/' app/app.c
  refused 70 'the host program: refused' "$sdk" build app
  [ ! -e app/build-simtee/app ]
}

@test "compilers and options of one's own" {
  CC="${CC:-cc} -DEXTRA='a b'" CFLAGS="${CFLAGS-} -DTEXT='\"it is\"'" ENCLAVE_CFLAGS=-DNOTHING \
    "$sdk" build --quiet app
  CC='no-such-cc -m64' refused 65 'cannot run no-such-cc' "$sdk" build app
  CFLAGS="'" refused 70 'command line cannot be made' "$sdk" build app
  # shellcheck disable=SC2016
  ENCLAVE_CFLAGS='-DNAME=$(touch made)' refused 70 'cannot be made' "$sdk" build app
  [ ! -e made ]
}

@test "OP-TEE: a kit is asked for, and looked at" {
  refused 2 'kit is not named' "$sdk" build --tee optee app
  grep -q -- '--ta-dev-kit DIR' err.refused
  refused 65 "app is no TA dev kit: it has no src/user_ta_header.c" "$sdk" build -t optee -k app app
  TA_DEV_KIT_DIR=app refused 65 'app is no TA dev kit' "$sdk" build -t optee app
  refused 2 'simtee optee' "$sdk" build --tee sgx app
}
