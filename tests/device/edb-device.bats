#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# edb-device with a machine. EDB_BUILD: the build folder; EDB_IMAGE: an image with edb-execd in it,
# otherwise the production profile's (device/image/build).

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test

# Nothing waits for ever: a device that does not answer fails a test.
device() { timeout --foreground --kill-after=10 120 "$EDB_BUILD/device/edb-device/edb-device" "$@"; }
soon() { # soon COMMAND... : again and again, until it succeeds
  local end=$((SECONDS + 60))
  until "$@"; do [ $SECONDS -lt $end ] || return 1; done
}
runs() { device list | grep -q "^$1 .*running"; }

image_folder() {
  echo "${EDB_IMAGE:-${EDB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edb}/image/production/current}"
}

setup_file() {
  command -v qemu-system-aarch64 >/dev/null || skip "qemu-system-arm is not installed"
  [ -r "$(image_folder)/image.json" ] || skip "no image: device/image/build makes it"
  export EDB_DEVICES=$BATS_FILE_TMPDIR/devices
  device create -q --image "$(image_folder)" a
  start a
}

teardown_file() {
  local each
  for each in "${EDB_DEVICES:?}"/*/; do
    device power-cut "$(basename "$each")" 2>/dev/null || true
  done
}

# Test runners wait for descriptors that daemons inherit.
start() { device start --quiet "$@" 3>&- 4>&-; }

setup() { cd "$BATS_TEST_TMPDIR" || exit; }

# The disk, wherever the image has mounted it.
disk() { device run a -- awk '$1 == "/dev/vda" { print $2; exit }' /proc/mounts </dev/null; }

@test "run: streams, exit code, signals" {
  run -0 --separate-stderr device run a -- sh -c 'echo out; echo err >&2'
  [ "$output $stderr" = 'out err' ]
  run -7 device run a -- sh -c 'exit 7'
  run -127 device run a -- no-such-command
  head -c 5000000 /dev/urandom >data
  device run a -- cat <data | cmp - data
  [ "$(device run a -- yes </dev/null | head -n 1)" = y ]
  code=0
  timeout --preserve-status --kill-after=60 -s TERM 1 "$EDB_BUILD/device/edb-device/edb-device" run a -- sleep 1000 \
    </dev/null || code=$?
  [ "$code" -eq 143 ]
}

@test "run: killed in the middle of both directions, many times; the next one works" {
  for i in $(seq 10); do
    "$EDB_BUILD/device/edb-device/edb-device" run a -- cat </dev/zero >got 3>&- 4>&- &
    pid=$!
    soon [ -s got ]
    kill -KILL $pid
    [ "$(device run a -- echo $i </dev/null)" = "$i" ]
  done
  run -0 device run a -- ps </dev/null
  [ "$(grep -c '[ /]cat$' <<<"$output")" -eq 0 ]
}

@test "run: five at once" {
  for i in 1 2 3 4 5; do
    device run a -- sh -c "sleep 0.3; echo $i" >out.$i </dev/null 3>&- 4>&- &
  done
  wait
  [ "$(cat out.*)" = "$(seq 5)" ]
}

@test "copy: there and back; interrupted, nothing stays" {
  head -c 2000000 /dev/urandom >data
  device copy data a:/tmp/
  device copy a:/tmp/data back
  cmp data back
  "$EDB_BUILD/device/edb-device/edb-device" copy - a:/tmp/part < <(cat data; exec sleep 100 3>&- 4>&-) \
    2>/dev/null 3>&- 4>&- &
  pid=$!
  soon device run a -- sh -c 'ls /tmp/part.edb-*' </dev/null >/dev/null 2>&1
  kill -TERM $pid
  soon device run a -- sh -c '! ls /tmp | grep part' </dev/null
}

@test "both worlds have a log" {
  device logs a --normal | grep -q .
  [ -e "$EDB_DEVICES/a/secure.log" ]
}

@test "a power cut keeps what was flushed; stop keeps all" {
  where=$(disk)
  [ -n "$where" ] || skip "the image does not mount the disk"
  device run a -- sh -c "echo flushed >$where/one; sync" </dev/null
  device power-cut a
  start a
  [ "$(device run a -- cat "$where/one" </dev/null)" = flushed ]
  device run a -- sh -c "echo later >$where/two" </dev/null
  run -0 --separate-stderr device stop a
  [ -z "$stderr" ]
  start a --cpus 2
  [ "$(device run a -- cat "$where/two" </dev/null)" = later ]
  [ "$(device run a -- grep -c ^processor /proc/cpuinfo </dev/null)" -eq 2 ]
}

@test "power cuts while it boots, at ten moments; then it boots" {
  device power-cut a
  for i in $(seq 0 9); do
    start a 2>/dev/null &
    soon runs a
    sleep "0.$((i * 9 / 10))$((i * 9 % 10))"
    soon device power-cut a
    wait
    run ! runs a
  done
  start a
}

@test "two devices at once: each its own; a forwarded port reaches the right one" {
  device create -q --image "$(image_folder)" b
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  exec 7>kept # as a test runner has pipes: who reads one would wait for the device
  start b --forward "$port:7000"
  exec 7>&-
  run -0 ls -l "/proc/$(jq .pid "$EDB_DEVICES/b/running")/fd"
  [[ "$output" != *kept* ]]
  device run a -- touch /tmp/of-a </dev/null
  run ! device run b -- ls /tmp/of-a </dev/null
  device run b -- sh -c 'echo of b | nc -l -p 7000' </dev/null >/dev/null 3>&- 4>&- &
  answer=
  for _ in $(seq 50); do
    answer=$(python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s.settimeout(5); print(s.recv(10).decode())' \
      "$port" 2>/dev/null) || true
    [ -z "$answer" ] || break
    sleep 0.1
  done
  [ "$answer" = 'of b' ]
  device stop -q b
  device destroy -q b
}

@test "this host's disk is full: the device is told, and does not stand still" {
  unshare --user --map-root-user --mount true || skip "no mounts of one's own here"
  mkdir small
  export -f device
  run -0 unshare --user --map-root-user --mount bash -ec '
    mount -t tmpfs -o size=75M tmpfs small
    export EDB_DEVICES=$PWD/small
    device create -q --image "$0" full
    trap "device power-cut -q full || true" EXIT
    device start -q full
    device run full -- sh -c "dd if=/dev/zero of=$1/big bs=1M count=60 conv=fsync" </dev/null && exit 1
    device run full -- echo it runs </dev/null' "$(image_folder)" "$(disk)" 3>&- 4>&-
  [[ "$output" == *"it runs" ]]
}
