#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# edb-device without a machine: an image that was made up, and QEMU played by fake-qemu, in whose
# "device" the real edb-execd runs commands of this host.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

device() { "$EDB_BUILD/device/edb-device/edb-device" "$@"; }
export -f device

setup() {
  new_folder
  unset FAKE_QEMU EDB_CACHE
  export EDB_EXECD=$EDB_BUILD/device/edb-execd/edb-execd
  export EDB_DEVICES="$folder/de vices"
  mkdir bin
  ln -s "$top/tests/cli/fake-qemu" bin/qemu-system-aarch64
  PATH=$folder/bin:$PATH
  make_image image test
}

teardown() {
  local each
  for each in "$EDB_DEVICES"/*/; do
    device power-cut "$(basename "$each")" >/dev/null 2>&1 || true
  done
  if [ -n "${small-}" ]; then umount "$small"; fi
  remove_folder
}

# make_image FOLDER PROFILE
make_image() {
  mkdir -p "$1"
  head -c 70001 /dev/urandom >"$1/flash.bin"
  head -c 5000 /dev/urandom >"$1/Image"
  head -c 3000 /dev/urandom >"$1/initramfs.cpio"
  printf '{"profile": "%s", "id": "made-up", "versions": {"optee": "4.10"}}' "$2" >"$1/image.json"
}

# Test runners wait for descriptors that daemons inherit.
start() { device start --quiet "$@" 3>&- 4>&-; }

made() { device create --quiet --image image "$1" && start "$1"; }

state() { device list --json | jq -r --arg name "$1" '.[] | select(.name == $name) | .state'; }

bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }

@test "create: a flash of exactly 64 MiB with firmware, key, serial number, blank counters" {
  run -0 device create a --image image
  [[ $output == "a: created, profile test, image made-up" ]]
  cd "$EDB_DEVICES/a"
  [ "$(stat -c '%a %s' flash)" = '600 67108864' ]
  [ "$(stat -c %a .)" = 700 ]
  cmp -n 70001 flash "$folder/image/flash.bin"
  [ "$(head -c 300000 flash | tail -c +70002 | tr -d '\0' | wc -c)" -eq 0 ]
  key=$(bytes flash $((0x03f80000)) 16)
  [[ $key != 00000000000000000000000000000000 && $key != ffffffffffffffffffffffffffffffff ]]
  [ "$(bytes flash $((0x03f80010)) 16)" = "$(jq -r .serial device.json)" ]
  for sector in $((0x03fc0000)) $((0x03f40000)); do
    [ "$(tail -c +$((sector + 1)) flash | head -c 262144 | tr -d '\377' | wc -c)" -eq 0 ]
  done
  [ "$(bytes flash $((0x03f3ffff)) 1)" = 00 ]
  # Sparse, and the key is nowhere else.
  [ "$(du -k flash | cut -f1)" -lt 2048 ]
  run ! grep -q "$key" device.json
}

@test "create: a disk with ext4 of the size that was asked for" {
  device create -q --image image a
  device create -q --image image b --disk 32
  [ "$(stat -c %s "$EDB_DEVICES/a/disk")" -eq $((256 << 20)) ]
  [ "$(stat -c %s "$EDB_DEVICES/b/disk")" -eq $((32 << 20)) ]
  PATH=$PATH:/usr/sbin:/sbin
  dumpe2fs -h "$EDB_DEVICES/b/disk" 2>/dev/null | grep -q 'volume name: *edb-data'
  e2fsck -fn "$EDB_DEVICES/b/disk" >/dev/null 2>&1
  # Without a journal a power cut leaves a file system with holes in it.
  tune2fs -l "$EDB_DEVICES/a/disk" | grep -q has_journal
}

@test "two devices: another key, another serial number" {
  device create -q --image image a
  device create -q --image image b
  for at in $((0x03f80000)) $((0x03f80010)); do
    [ "$(bytes "$EDB_DEVICES/a/flash" "$at" 16)" != "$(bytes "$EDB_DEVICES/b/flash" "$at" 16)" ]
  done
}

@test "a later build of the image does not change a device" {
  device create -q --image image a
  cp image/Image before
  echo other >new && mv new image/Image
  cmp "$EDB_DEVICES/a/Image" before
  rm -r image
  cmp "$EDB_DEVICES/a/Image" before
}

@test "image and kernel that are links lead to files of the device" {
  mv image version-1
  mv version-1/Image kernel
  ln -s "$folder/kernel" version-1/Image
  ln -s version-1 image
  device create -q --image image a
  [ ! -L "$EDB_DEVICES/a/Image" ]
  cmp kernel "$EDB_DEVICES/a/Image"
}

@test "the image: of the profile, from the cache" {
  export EDB_CACHE=$folder/cache
  make_image cache/image/production/current production
  make_image cache/image/test/current test
  device create -q a
  device create -q b --profile test
  [ "$(device list --json | jq -r 'map(.profile) | join(" ")')" = 'production test' ]
  unset EDB_CACHE
  XDG_CACHE_HOME=$folder/xdg refused 65 'xdg/edb/image/production/current' device create c
  HOME=$folder/home XDG_CACHE_HOME='' refused 65 'home/.cache/edb/image/test' device create c -p test
}

@test "images that are none" {
  refused 65 'device/image/build makes it' device create a --image nowhere
  rm image/Image
  refused 65 'Image' device create a --image image
  make_image image test
  refused 70 'is of profile test' device create a --image image --profile production
  echo '{' >image/image.json
  refused 70 'image.json' device create a --image image
  make_image image test
  : >image/flash.bin
  refused 70 'flash.bin' device create a --image image
  truncate -s 60M image/flash.bin
  refused 70 'flash.bin' device create a --image image
  [ "$(find "$EDB_DEVICES" -mindepth 1 | wc -l)" -eq 0 ]
}

@test "names" {
  device create -q --image image 0-a
  device create -q --image image "$(printf 'a%.0s' {1..32})"
  for name in '' A a.b a/b ../a 'a b' "$(printf 'a%.0s' {1..33})" ä; do
    refused 70 'no name of a device' device create "$name" --image image
    refused 70 'no name of a device' device start "$name"
  done
  refused 64 'already' device create 0-a --image image
  refused 65 "no device 'b'" device start b
  for command in stop power-cut console logs destroy; do
    refused 65 "no device 'b'" device $command b
    refused 2 'NAME is missing' device $command
  done
  refused 65 "no device 'b'" device run b -- true
  refused 65 "no device 'b'" device copy image/Image b:/tmp/x
}

@test "options" {
  for mib in 15 1048577 x -1; do
    refused 70 'disk' device create a --image image "--disk=$mib"
  done
  device create -q --image image a
  for wrong in --cpus=0 --cpus=5 --memory=255 --memory=4097 --timeout=0 --forward=80 \
    --forward=0:80 --forward=80:65536 --forward=x:1 --forward=1:2:3 --forward=123456789:1; do
    refused 70 "${wrong%%=*}" device start a "$wrong"
  done
  refused 70 timeout device stop a --timeout 0
  refused 2 'COMMAND' device run a
  refused 2 'NAME:PATH' device copy image image
  refused 2 'NAME:PATH' device copy a:/x a:/y
  refused 2 'not one of' device create b --profile other
}

@test "help, and a manual page with every command and option" {
  commands=$(device --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
  [ "$(wc -w <<<"$commands")" -eq 11 ]
  page=$(mandoc -T ascii "$top/docs/man/edb-device.1" | sed 's/.\x08//g')
  mandoc -T lint -W warning "$top/docs/man/edb-device.1" "$top/docs/man/edb-execd.8"
  for command in $commands; do
    grep -q "^     $command" <<<"$page"
    [ "$command" != completion ] || continue
    run -0 device "$command" --help
    [ "$(awk 'length > 100' <<<"$output")" = '' ]
    for option in $(grep -oE -- '^ .*--[a-z]+' <<<"$output" | grep -oE -- '--[a-z]+'); do
      grep -q -- "$option" <<<"$page"
    done
  done
  device completion | bash -n
}

@test "a full disk: nothing is left behind" {
  small=$folder/small
  mkdir small
  mount -t tmpfs -o size=600k none small 2>/dev/null || { small='' && skip "cannot mount a tmpfs"; }
  EDB_DEVICES=$small/devices refused 82 'No space left' device create a --image image
  [ "$(find small -mindepth 2 | wc -l)" -eq 0 ]
  # Room for the flash, but not for the disk's file system.
  mount -o remount,size=900k small
  EDB_DEVICES=$small/devices refused 82 'No space left' device create a --image image
  [ "$(find small -mindepth 2 | wc -l)" -eq 0 ]
  # Another file system: copies instead of links.
  mount -o remount,size=20m small
  EDB_DEVICES=$small/devices device create -q a --image image
  cmp image/Image small/devices/a/Image
  cmp image/initramfs.cpio small/devices/a/initramfs.cpio
}

@test "what is missing is named with its package" {
  device create -q --image image a
  rm bin/qemu-system-aarch64
  mkdir empty
  edb=$EDB_BUILD/device/edb-device/edb-device
  refused 65 'qemu-system-arm' env PATH="$folder/empty" "$edb" start a
  [ "$(state a)" = off ]
  # mke2fs is looked for in /usr/sbin, too.
  [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip "cannot hide /usr/sbin"
  refused 65 'e2fsprogs' unshare -m bash -c 'mount --bind empty /usr/sbin && exec "$@"' - \
    "$edb" create b --image image
  [ ! -e "$EDB_DEVICES/b" ]
}

@test "what an interrupted create left is removed by the next one; what another works on is not" {
  mkdir -p "$EDB_DEVICES/.new-x-1" "$EDB_DEVICES/.new-y-2" "$EDB_DEVICES/.old-z-3"
  touch "$EDB_DEVICES/.new-x-1/flash" "$EDB_DEVICES/.new-y-2/flash"
  exec 9<"$EDB_DEVICES/.new-y-2"
  flock 9
  device create -q --image image a
  exec 9<&-
  [ "$(cd "$EDB_DEVICES" && find . -mindepth 1 -maxdepth 1 | sort | tr '\n' ' ')" = './.new-y-2 ./a ' ]
}

@test "list: none, off, running; for people and for programs" {
  [ "$(device list --json)" = '[]' ]
  [ -z "$(device list)" ]
  device create -q --image image a
  made b
  [ "$(state a) $(state b)" = 'off running' ]
  device list | grep -q '^b  *running  *test  *made-up'
  device list --json | jq -e '.[1] | .pid > 1 and .cpus == 1 and .memory_mib == 512 and .forward == []'
  mkdir "$EDB_DEVICES/no-device" # somebody else's
  [ "$(device list --json | jq length)" -eq 2 ]
  EDB_DEVICES=$folder/nowhere device list
}

@test "start: the machine, its memory, its forwarded ports" {
  device create -q --image image a
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  run -0 device start a --cpus 2 --memory 1024 -f "$port:80" 3>&- 4>&-
  [[ $output =~ ^a:\ ready\ after\ [0-9]+\.[0-9]\ s$ ]]
  given() { grep -qxF -- "$1" "$EDB_DEVICES/a/arguments"; }
  given virt,secure=on,gic-version=3
  given cortex-a57
  given 2
  given 1024
  given if=pflash,unit=0,format=raw,file=flash
  given "console=ttyAMA0 quiet initrd=0x48000000,3000"
  given "user,id=net,hostfwd=tcp:127.0.0.1:$port-:80"
  device list | grep -q " $port:80"
  refused 64 'runs already' device start a
  refused 64 'runs' device destroy a
}

@test "start: a port that is in use, or named twice" {
  device create -q --image image a
  python3 -c '
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True); sys.stdin.read()' >port < <(exec sleep 100) 3>&- 4>&- &
  holder=$!
  until [ -s port ]; do kill -0 $holder; done
  refused 64 "port $(cat port)" device start a --forward "$(cat port):80"
  kill $holder
  refused 64 'port 39999' device start a -f 39999:80 -f 39999:81
  [ "$(state a)" = off ]
}

@test "start: QEMU that ends, a guest that does not answer; the logs are shown, it is off again" {
  device create -q --image image a
  FAKE_QEMU=die refused 84 'no machine today' start a
  grep -q 'QEMU of a has ended' err.refused
  grep -q 'normal world of a fake' err.refused
  grep -q 'secure world of a fake' err.refused
  [ "$(state a)" = off ]
  FAKE_QEMU=silent refused 84 'within 1 s' start a --timeout 1
  [ "$(state a)" = off ]
  start a # and then it works
}

@test "start: interrupted, or its power cut, while it waits" {
  device create -q --image image a
  for how in TERM power-cut; do # a shell's background jobs ignore SIGINT
    FAKE_QEMU=silent "$EDB_BUILD/device/edb-device/edb-device" start a 2>said 3>&- 4>&- &
    pid=$!
    until [ "$(state a)" = running ]; do kill -0 $pid; done
    refused 64 'another edb-device' device start a
    refused 64 'another edb-device' device stop a
    refused 64 'another edb-device' device destroy a
    if [ $how = TERM ]; then kill -TERM $pid; else device power-cut a; fi
    code=0
    wait $pid || code=$?
    [ "$code" -eq $([ $how = TERM ] && echo 66 || echo 84) ]
    grep -q "$([ $how = TERM ] && echo interrupted || echo 'QEMU of a has ended')" said
    [ "$(state a)" = off ]
  done
}

@test "two starts at once: one device" {
  device create -q --image image a
  start a 2>one 3>&- 4>&- &
  one=$!
  start a 2>two 3>&- 4>&- &
  two=$!
  codes=
  for pid in $one $two; do
    code=0
    wait $pid || code=$?
    codes+=" $code"
  done
  [ "$codes" = ' 0 64' ] || [ "$codes" = ' 64 0' ]
}

@test "run: output, errors, exit codes" {
  made a
  run -0 --separate-stderr device run a -- sh -c 'echo "$1"; echo err >&2' - 'two  words'
  [ "$output" = 'two  words' ]
  [ "$stderr" = err ]
  run -7 device run a -- sh -c 'exit 7'
  run -137 device run a -- sh -c 'kill -KILL $$'
  run -127 --separate-stderr device run a -- no-such-command
  [[ $stderr == *'cannot run no-such-command: No such file'* ]]
  run -126 device run a -- /
  run -0 device run a -- printf '%s|' '' -l 'ü' "$(printf 'x\ny')"
  [ "$output" = "|-l|ü|x
y|" ]
}

@test "run: arguments that are too many" {
  made a
  mapfile -t many < <(seq 1024)
  refused 2 'what is' device run a -- "${many[@]}" x
  refused 37 'arguments' device run a -- echo "$(head -c 65536 /dev/zero | tr '\0' x)"
  refused 70 'empty' device run a -- ''
}

@test "run: standard input, whole and in both directions at once" {
  made a
  head -c 10000000 /dev/urandom >data
  device run a -- cat <data | cmp - data
  [ "$(device run a -- wc -c <data)" -eq 10000000 ]
  [ "$(device run a -- sh -c 'head -c 3' <data | wc -c)" -eq 3 ]
  device run a -- true <data
  [ -z "$(device run a -- cat </dev/null)" ]
  [ "$(device run a -- yes | head -n 1)" = y ]
}

@test "run: a full disk for its output is an error, and ends it" {
  made a
  run -82 bash -c 'device run a -- yes 2>&1 >/dev/full'
  [[ $output == *'No space left'* ]]
}

@test "run: signals end the command, or are what it makes of them" {
  made a
  code=0
  timeout --preserve-status -s TERM 1 "$EDB_BUILD/device/edb-device/edb-device" run a -- \
    sh -c 'echo $$ >pid-of-it; exec sleep 1000' </dev/null || code=$?
  [ "$code" -eq 143 ]
  mkfifo ready
  bash -c 'exec "$@"' - "$EDB_BUILD/device/edb-device/edb-device" run a -- \
    sh -c 'trap "exit 3" TERM; echo; while :; do sleep 0.05; done' </dev/null >ready &
  pid=$!
  read -r _ <ready
  kill -TERM $pid
  code=0
  wait $pid || code=$?
  [ "$code" -eq 3 ]
}

@test "run: who is killed takes the command along, and the port is free again" {
  made a
  mkfifo held
  for _ in 1 2 3 4 5 6; do
    "$EDB_BUILD/device/edb-device/edb-device" run a -- sh -c 'exec sleep 1000 >"$1"' - "$PWD/held" \
      < <(cat /dev/zero) 3>&- 4>&- &
    pid=$!
    exec 9<held # waits until it runs
    kill -KILL $pid
    cat <&9     # ends when it has ended
    exec 9<&-
    [ "$(device run a -- echo again)" = again ]
  done
}

@test "run: a fifth waits for one of the four ports" {
  made a
  mkfifo go
  for i in 1 2 3 4; do
    device run a -- sh -c 'echo; read -r _ <"$1"' - "$PWD/go" >busy.$i </dev/null 3>&- 4>&- &
  done
  for i in 1 2 3 4; do until [ -s busy.$i ]; do sleep 0.05; done; done
  device run a -- echo fifth >fifth 2>said </dev/null 3>&- 4>&- &
  until grep -q 'waiting for one' said 2>/dev/null; do sleep 0.05; done
  [ ! -s fifth ]
  exec 9<>go
  printf '\n\n\n\n' >&9
  wait
  [ "$(cat fifth)" = fifth ]
}

@test "run: not on a device that is off, or goes off" {
  device create -q --image image a
  refused 66 'does not run' device run a -- true
  start a
  device run a -- sh -c 'echo; exec sleep 1000' >ready 2>said </dev/null 3>&- 4>&- &
  pid=$!
  until [ -s ready ]; do kill -0 $pid; done
  device power-cut a
  code=0
  wait $pid || code=$?
  [ "$code" -eq 84 ]
  grep -q 'went off' said
}

@test "copy: there and back, whole, under its name only then" {
  made a
  mkdir there
  head -c 3000000 /dev/urandom >data
  chmod 750 data
  device copy data "a:$PWD/there/x"
  cmp data there/x
  [ "$(stat -c %a there/x)" = 750 ]
  device copy data "a:$PWD/there"
  cmp data there/data
  device copy data "a:$PWD/there/new/deeper/"
  cmp data there/new/deeper/data
  device copy - "a:$PWD/there/x" <image/Image
  cmp image/Image there/x
  [ "$(find there | wc -l)" -eq 6 ]
  device copy "a:$PWD/there/data" back
  cmp data back
  mkdir folder
  device copy "a:$PWD/there/data" folder
  cmp data folder/data
  device copy "a:$PWD/there/data" - | cmp - data
  mv data a:data
  device copy ./a:data "a:$PWD/there/colon"
  cmp a:data there/colon
}

@test "copy: what does not work leaves what was there" {
  made a
  echo old >old
  refused 81 'No such file' device copy "a:$PWD/none" old
  [ "$(cat old)" = old ]
  refused 81 'none' device copy none "a:$PWD/old"
  refused 81 'cannot create\|No such file\|nonexistent' device copy old "a:$PWD/none/x"
  refused 70 'is a folder' device copy image "a:$PWD/old"
  refused 81 'is a folder' bash -c 'device copy - "a:$PWD" <old'
  left_nothing old.
}

@test "copy: interrupted, neither end keeps a part" {
  made a
  echo old >there
  for signal in TERM KILL; do
    "$EDB_BUILD/device/edb-device/edb-device" copy - "a:$PWD/there" < <(cat image/Image; exec sleep 100) \
      2>/dev/null 3>&- 4>&- &
    pid=$!
    until [ "$(find . -name 'there.edb-*' -size +0 | wc -l)" -eq 1 ]; do kill -0 $pid; done
    kill -$signal $pid
    run ! wait $pid
    until [ "$(find . -name 'there.edb-*' | wc -l)" -eq 0 ]; do sleep 0.05; done
    [ "$(cat there)" = old ]
  done
}

@test "console: both ways, ends with the device; one at a time" {
  made a
  refused 66 'does not run' device console "$(device create -q --image image b; echo b)"
  mkfifo in
  device console a <in >out 2>said 3>&- 4>&- &
  pid=$!
  exec 9>in
  echo hello >&9
  until grep -q '<hello' out; do kill -0 $pid; done
  grep -q 'console of a fake' out
  refused 64 'somebody else' device console a
  device power-cut a
  wait $pid
  exec 9>&-
  grep -q 'device a is off' said
}

@test "console: Ctrl-] on a terminal" {
  made a
  python3 - "$EDB_BUILD/device/edb-device/edb-device" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "console", "a"])
seen = b""
while b"console of a fake" not in seen:
    seen += os.read(fd, 1000)
os.write(fd, b"\x03")  # to the device, and no signal here
while b"<\x03>" not in seen:
    seen += os.read(fd, 1000)
os.write(fd, b"\x1d")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
}

@test "logs: both worlds, one of them, followed to the end" {
  device create -q --image image a
  refused 65 'no such log' device logs a
  start a
  [ "$(device logs a | head -n 1 | tr -d '\r')" = 'normal: normal world of a fake' ]
  device logs a | grep -q '^secure: secure world of a fake'
  device logs a --secure | cmp - "$EDB_DEVICES/a/secure.log"
  device logs a --normal | cmp - "$EDB_DEVICES/a/normal.log"
  device logs a --follow --normal >followed 3>&- 4>&- &
  pid=$!
  until [ -s followed ]; do kill -0 $pid; done
  echo more >>"$EDB_DEVICES/a/normal.log"
  until grep -q more followed; do kill -0 $pid; done
  device power-cut a
  wait $pid
  device logs a | grep -q more # it stays until the next start
}

@test "logs: nothing of a device steers a terminal" {
  made a
  SHELL=/bin/bash script -qec 'device logs a' /dev/null >shown
  grep -q 'with ?\[31mcolours' shown
  run ! grep -q "$(printf '\033')" shown
}

@test "stop: by the device, by QEMU, by force" {
  for how in '' stubborn deaf; do
    name=a${how:+-$how}
    device create -q --image image "$name"
    FAKE_QEMU=$how start "$name"
    run -0 --separate-stderr device stop "$name" --timeout 1
    [[ $output =~ ^$name:\ off\ after ]]
    [ "$(state "$name")" = off ]
    if [ -n "$how" ]; then [[ $stderr == *'note:'*'lost'* ]]; else [ -z "$stderr" ]; fi
    refused 66 'does not run' device stop "$name"
    refused 66 'does not run' device power-cut "$name"
    start "$name"
    device power-cut "$name"
  done
}

@test "what a crash of the host left does not count as running" {
  device create -q --image image a
  # Another process has the number of the QEMU that was.
  echo '{"pid": '$$', "cpus": 1, "memory_mib": 512, "forward": []}' >"$EDB_DEVICES/a/running"
  touch "$EDB_DEVICES/a/exec.0" "$EDB_DEVICES/a/qmp.sock"
  [ "$(state a)" = off ]
  refused 66 'does not run' device power-cut a
  start a
  [ "$(device run a -- echo yes)" = yes ]
}

@test "a folder whose name is longer than a socket's may be" {
  export EDB_DEVICES=$folder/$(printf 'long%.0s' {1..50})
  made a
  [ "$(device run a -- echo yes)" = yes ]
  device stop -q a
}

@test "destroy: all of it, once" {
  made a
  device stop -q a
  run -0 device destroy a
  [ "$output" = 'a: destroyed' ]
  [ -z "$(ls -A "$EDB_DEVICES")" ]
  refused 65 "no device 'a'" device destroy a
}
