# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # device/image/build sets and uses them
#
# Other boards: what compiles for them without one being there. docs/porting.md says what is missing for
# a device: firmware, a kernel, a file system, and somebody who tries it.

boards=(k3-am62x rockchip-rk3588)

# Over the settings of QEMU's board: make takes the last one.
settings_of_board() {
  board_settings=()
  [ -n "$board" ] || return 0
  board_settings=(
    PLATFORM="$board"
    CFG_RPMB_FS=y # the counter: what is on the disk is pinned in the eMMC's replay-protected block
  )
}

# Seeds from the platform's own generator; the QEMU board has a file of its own for that.
place_board() {
  local to=$optee_tree/core/arch/arm/plat-${board%%-*}
  [ -n "$board" ] || return 0
  [ -f "$to/sub.mk" ] || stop "this source of OP-TEE has no ${to##*/}; version ${optee_source[2]} is known to work"
  cmp -s "$top/enclave/optee/trng/edb_seed.c" "$to/edb_seed.c" || cp "$top/enclave/optee/trng/edb_seed.c" "$to/"
  grep -qx 'srcs-y += edb_seed.c' "$to/sub.mk" || printf '\nsrcs-y += edb_seed.c\n' >>"$to/sub.mk"
}

# Debian's kits, as it gives them to whoever writes applications for these boards.
fetch_kits() {
  apt_for unstable
  (cd "$out" && apt-get -q download optee-os-dev) || stop "the Debian archive (unstable) has no optee-os-dev"
  rename_debs
  dpkg-deb -x "$out"/optee-os-dev_*.deb "$out/unpacked"
  mv "$out/unpacked/usr/lib/optee-os-dev" "$out/kits"
  rm -rf "$out/unpacked" "$out"/*.deb
}

# What is built for a board, from a kit: the CPM and the sample's enclave.
board_programs=(enclave/cpm/cpm.ta.elf sdk/samples/responder/responder.ta.elf)
build_board_programs() { build_cross "${board_programs[@]}"; }
programs_with_kit() { # programs_with_kit WHOSE
  local program
  cross=$cache/cross-$board-$(text_digest "$top" "$kit" "$sysroot")
  always "the CPM and the sample with $1 kit" build_board_programs
  for program in "${board_programs[@]}"; do
    note "    ${program##*/}, $(stat -c %s "$cross/$program") bytes: $cross/$program"
  done
}

board() {
  step kits "$(text_digest optee-os-dev)" "Debian's kits of other boards" fetch_kits
  kit=$made/kits/$board
  [ -d "$kit" ] || die "optee-os-dev $(cut -d' ' -f2 "$made/versions") has no kit for $board"
  programs_with_kit "Debian's"
  trusted_kit
  programs_with_kit "its own"
  trusted_core
  say "made in $((SECONDS - began)) s, and tried on no board:"
  say "  $core/tee.elf: OP-TEE for $board, with the image store and the CPM in it"
  say "  $kit: its kit, for applications of this device"
}
