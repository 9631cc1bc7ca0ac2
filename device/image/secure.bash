# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # device/image/build sets and uses them
#
# The secure world: OP-TEE with our pseudo-TA and board hooks, the CPM in it as an early TA, and
# Trusted Firmware-A around it.

# Of every profile. -fno-…-tables and sections: so that an application holds only what it uses. Without
# -U… memcpy and its like go byte by byte, in applications, too: that is what -Os asks newlib for.
optee_settings=(
  PLATFORM=vexpress-qemu_armv8a PYTHON3=/usr/bin/python3
  CROSS_COMPILE=aarch64-linux-gnu- CROSS_COMPILE64=aarch64-linux-gnu-
  CFG_ARM64_core=y CFG_USER_TA_TARGETS=ta_arm64
  CFG_ARM_GICV3=y                     # QEMU's; with v2 it panics at boot
  CFG_CRYPTO_WITH_CE=y                # the CPU's AES and SHA instructions
  CFG_CONCURRENT_SINGLE_INSTANCE_TA=y # one that is busy does not stop the others
  CFG_NUM_THREADS=8                   # three calls that never return leave five
  CFG_REE_FS_ALLOW_RESET=y            # no storage at all is a blank device; an old one is refused
  DEBUG=0
  'platform-cflags-optimization=-Os -U__OPTIMIZE_SIZE__ -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables'
)
optee_production=(
  CFG_INSECURE=n                # no built-in default may stand for a key or a counter
  CFG_REE_FS_TA=n               # no TA comes from a folder of the normal world
  CFG_SECSTOR_TA_MGMT_PTA=n     # nobody but the CPM installs any
  CFG_ATTESTATION_PTA=n         # ours says what the stock one cannot: enclave/optee
  CFG_BUILD_IN_TREE_TA=n
  CFG_UNWIND=n
  CFG_TEE_CORE_LOG_LEVEL=1 CFG_TEE_TA_LOG_LEVEL=0
)
optee_test=(
  CFG_WITH_STATS=y              # how much of its heap is taken
  CFG_EDB_QUOTER=y # a test's own application gets quotes: tests/device/quoter
  CFG_TEE_CORE_LOG_LEVEL=2
)
settings_of_profile() {
  local -n of_profile=optee_$profile
  settings_of_board
  optee=("${optee_settings[@]}" "${of_profile[@]}" "${board_settings[@]}" "TA_SIGN_KEY=$cache/ta-sign.pem")
}

# hooked_optee: its source, with the two places where ours comes in.
hooked_optee() {
  local where
  cp -a "$optee_source_dir/source/." "$out"
  for where in core/pta/sub.mk core/arch/arm/plat-vexpress/sub.mk; do
    [ -f "$out/$where" ] ||
      stop "this source of OP-TEE has no $where; version ${optee_source[2]} is known to work"
  done
  # Storage that begins anew behind a counter that is not 0: OP-TEE 4.10 begins at 0 all the same, and
  # then refuses what it wrote. Begin at the counter, with the place holder where the older head belongs.
  sed -i '/^static TEE_Result create_and_sync/,/^}/ {
    s/^\tres = init_root_node(ht);/\tht->head.counter = min_counter;\n&/
    s/rpc_write_head(\*ht_arg, 0, /rpc_write_head(*ht_arg, min_counter \& 1, /
  }' "$out/core/tee/fs_htree.c"
  [ "$(grep -c 'head.counter = min_counter;\|min_counter & 1, &dummy_head' "$out/core/tee/fs_htree.c")" -eq 2 ] ||
    stop "core/tee/fs_htree.c of this OP-TEE is another; version ${optee_source[2]} is known to work"
  # An object that root has damaged stays damaged. OP-TEE would remove it, and the next who asks would be told
  # that there never was one: no ledger, no lowest version, no earlier policy.
  sed -i -e '/^static void remove_corrupt_obj/,/^}/ { /fops->remove/d }' \
    -e '/if (res == TEE_ERROR_CORRUPT_OBJECT && po)/,+1d' "$out/core/tee/tee_svc_storage.c"
  [ "$(grep -c 'fops->remove(' "$optee_source_dir/source/core/tee/tee_svc_storage.c" "$out/core/tee/tee_svc_storage.c" |
    cut -d: -f2 | paste -sd' ')" = '3 1' ] ||
    stop "core/tee/tee_svc_storage.c of this OP-TEE is another; version ${optee_source[2]} is known to work"
  printf '\nsubdirs-y += edb\n' >>"$out/core/pta/sub.mk"
  printf '\nsrcs-y += secflash.c\n' >>"$out/core/arch/arm/plat-vexpress/sub.mk"
}
# Ours, put where the hooks look; what did not change keeps its date, so that make leaves it alone.
place_ours() {
  local file to
  mkdir -p "$optee_tree/core/pta/edb/quoter"
  for file in "$top"/enclave/optee/{*.[ch],sub.mk,qemu/*.c} "$top"/contract/{edb_quote,image_store}.h \
    "$top"/tests/device/quoter/core/*; do
    to=$optee_tree/core/pta/edb
    [[ $file != */qemu/* ]] || to=$optee_tree/core/arch/arm/plat-vexpress
    [[ $file != */quoter/* ]] || to+=/quoter # profile test: see sub.mk
    cmp -s "$file" "$to/${file##*/}" || cp "$file" "$to/"
  done
}

# The build folder is kept: with another CPM only the early TA is made again. TAs that are not the
# CPM need no signature of OP-TEE's kind here, yet the build wants a key: one of our own.
make_optee() { # make_optee TARGET [SETTING...]
  make -j"$cpus" -C "$optee_tree" O="$optee_build" "${optee[@]}" "${@:2}" "$1"
}
build_kit() {
  make_optee ta_dev_kit
  cp -a "$optee_build/export-ta_arm64" "$out/kit"
}
trusted_kit() {
  local key
  settings_of_profile
  [ -f "$cache/ta-sign.pem" ] || (umask 077 && openssl genrsa -out "$cache/ta-sign.pem" 3072 2>/dev/null)
  key=$(text_digest "$(digest "$optee_source_dir/versions")" "$(declare -f hooked_optee)")
  step optee-tree "$key" "OP-TEE, made ready for ours" hooked_optee
  optee_tree=$made
  place_ours
  place_board
  key=$(text_digest "$key" "${optee[@]}" "$(aarch64-linux-gnu-gcc --version | head -n 1)")
  optee_build=$cache/steps/optee-build-$profile-$key
  step optee-kit "$key" "OP-TEE's kit for trusted applications" build_kit
  kit=$made/kit
  optee_key=$key
}

build_core() {
  make_optee all "EARLY_TA_PATHS=$cpm_image"
  cp "$optee_build"/core/tee-{header,pager,pageable}_v2.bin "$out/"
  cp "$optee_build/core/tee.elf" "$out/"
}
trusted_core() {
  local name
  name=d3c5bbbc-adad-11eb-bd25-4362002e2749 # an early TA's file is named by its UUID
  mkdir -p "$cache/early/$profile$board"
  cpm_image=$cache/early/$profile$board/$name.stripped.elf
  cmp -s "$cross/enclave/cpm/cpm.ta.elf" "$cpm_image" || cp "$cross/enclave/cpm/cpm.ta.elf" "$cpm_image"
  step optee-core "$(text_digest "$optee_key" "$(digest "$cpm_image" "$top/enclave/optee" "$top"/contract/{edb_quote,image_store}.h "$top/tests/device/quoter/core")")" "OP-TEE with the CPM in it" build_core
  core=$made
}

# NS_TIMER_SWITCH=0: Linux's clock goes on ticking while the secure world works. Otherwise nothing interrupts an
# application that never returns, and Linux on that CPU stands still. OP-TEE leaves that timer alone.
firmware_settings=(
  PLAT=qemu DEBUG=0 SPD=opteed BL32_RAM_LOCATION=tdram QEMU_USE_GIC_DRIVER=QEMU_GICV3
  ARM_LINUX_KERNEL_AS_BL33=1 PRELOADED_BL33_BASE=0x44000000 NS_TIMER_SWITCH=0
  CROSS_COMPILE=aarch64-linux-gnu-
)
# The build folder is kept: with another OP-TEE only the packing is done again.
build_firmware() {
  local tree=$cache/steps/tfa-build
  cat "$tfa_source/versions" <(printf '%s\n' "${firmware_settings[@]}") >"$out/made-of"
  if ! cmp -s "$out/made-of" "$tree/made-of"; then
    rm -rf "$tree"
    mkdir -p "$tree"
    cp -a "$tfa_source/source" "$tree/source"
    cp "$out/made-of" "$tree/made-of"
  fi
  rm -f "$tree"/out/qemu/release/{fip.bin,qemu_fw.bios}
  make -j"$cpus" -C "$tree/source" BUILD_BASE="$tree/out" "${firmware_settings[@]}" \
    BL32="$core/tee-header_v2.bin" BL32_EXTRA1="$core/tee-pager_v2.bin" \
    BL32_EXTRA2="$core/tee-pageable_v2.bin" all fip qemu_fw.bios
  cp "$tree/out/qemu/release/qemu_fw.bios" "$out/flash.bin"
}
firmware() {
  step firmware "$(text_digest "${firmware_settings[@]}" "$(digest "$core/tee-header_v2.bin" \
    "$core/tee-pager_v2.bin" "$tfa_source/versions")")" \
    "Trusted Firmware-A" build_firmware
  flash=$made/flash.bin
}
