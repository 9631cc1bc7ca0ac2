#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Images that a vendor signed and that OP-TEE's loader would read in another way than it should: the
# image store takes none of them. And it gives an image to nobody but the application itself.

bats_require_minimum_version 1.5.0
load device.bash

setup_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  device_world
  edb_device create --quiet a
  start a
  provision a
  hand_over_key a $nothing_id
  cp "$programs/tests/device/nothing.ta.elf" good.elf
}

setup() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
}

teardown_file() {
  cd "$BATS_FILE_TMPDIR"
  devices_here
  devices_off
}

# changed STATEMENTS : good.elf as an array "b", changed by these, into bad.elf. The ta_head lies at
# 4096: UUID, stack (16), flags (20), entry (24). Program headers begin at "p", 56 bytes each.
changed() {
  python3 - "$1" <<'END'
import struct, sys
b = bytearray(open("good.elf", "rb").read())
p = struct.unpack_from("<Q", b, 32)[0]
assert b[4096:4100] == bytes.fromhex("7ada577e") and b[p] == b[p + 56] == 1
was = bytes(b)
def u64(at): return struct.unpack_from("<Q", b, at)[0]
def put64(at, value): struct.pack_into("<Q", b, at, value)
exec(sys.argv[1])
assert b != was
open("bad.elf", "wb").write(b)
END
}
refused() { # refused WHAT STATEMENTS
  echo "$1"
  changed "$2"
  pack $nothing_id 1.0.0 bad.elf bad.cpk --target-arch aarch64 --target-os OP-TEE
  carry a bad.cpk
  fails 38 'no application that this TEE can load' on a cpk-tool install -p bad.cpk
}

@test "a ta_head that is another's, wants to stay alive, or says nonsense" {
  refused 'another UUID' 'b[4096 + 15] ^= 1'
  refused 'kept alive' 'b[4096 + 20] |= 1 << 4'
  refused 'more stack than any memory' 'b[4096 + 19] = 0xff'
  refused 'an entry of the old kind' 'put64(4096 + 24, 0x100)'
}

@test "a name under which the loader would look for the ta_head elsewhere" {
  refused 'in the names of symbols' '
at = b.index(b"trace_ext_prefix\0"); b[at:at + 8] = b"ta_head\0"'
  refused 'as the last bytes that are loaded' '
at = u64(p + 56 + 8) + u64(p + 56 + 32); b[at - 7:at] = b"ta_head"'
  # Put together of two segments, of which the file has other bytes between them.
  refused 'in memory and not in the file' '
b[:] = b[:u64(p + 56 + 8)] + bytes(4096) + b[u64(p + 56 + 8):]; put64(p + 56 + 8, u64(p + 56 + 8) + 4096)'
}

@test "headers that make no sense" {
  refused 'no ELF' 'b[0] = 0'
  refused 'of 32 bits' 'b[4] = 1'
  refused 'of another machine' 'b[18] = 62'
  refused 'no shared object' 'b[16] = 2'
  refused 'program headers past the first page' 'put64(32, 4096 - 56)'
  refused 'too many of them' 'struct.pack_into("<H", b, 56, 73)'
  refused 'no segment' 'struct.pack_into("<H", b, 56, 0)'
  refused 'first segment not at 0' 'put64(p + 16, 4096); put64(p + 8, 8192)'
  refused 'segments that overlap' 'put64(p + 56 + 16, 0); put64(p + 56 + 8, 4096)'
  refused 'more bytes than memory' 'put64(p + 56 + 40, u64(p + 56 + 32) - 1)'
  refused 'more memory than there can be' 'put64(p + 56 + 40, 1 << 40)'
  refused 'cut off in the second segment' 'del b[u64(p + 56 + 8) + 16:]'
  refused 'cut off in the ta_head' 'del b[4096 + 31:]'
}

@test "the good one is taken, with the name outside of what is loaded, too" {
  python3 -c 'open("named.elf", "wb").write(open("good.elf", "rb").read() + b"ta_head\0")'
  grep -q ta_head named.elf
  pack $nothing_id 1.0.0 named.elf named.cpk --target-arch aarch64 --target-os OP-TEE
  carry a named.cpk
  on a cpk-tool install --quiet -p named.cpk
}

# Two locks. An image that the store takes begins behind its ELF header, at address 0, where OP-TEE's loader
# has the header of a library already: it could not map it, and would say another error than the store's.
@test "an application gets no other one's image into its memory: not by dlopen, not as a needed library" {
  local not_found=0xffff0008 not_implemented=0xffff0009
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  answers_right a
  install_for_test a $thief_id thief
  bring a thief
  run -0 on a ./thief
  echo "$output"
  [ "$output" = "0x00000000 $not_found $not_implemented" ]
  aarch64-linux-gnu-readelf -d "$programs/tests/device/thief-needs.ta.elf" | grep "NEEDED.*$responder_id"
  pack $thief_id 2.0.0 "$programs/tests/device/thief-needs.ta.elf" needs.cpk --target-arch aarch64 --target-os OP-TEE
  carry a needs.cpk
  on a cpk-tool install --quiet -p needs.cpk
  run -0 on a ./thief
  echo "$output"
  [ "$output" = $not_found ]
  answers_right a
}
