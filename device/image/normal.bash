# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # device/image/build sets and uses them
#
# The normal world: our programs for the device, and the root file system they lie in.

# What runs here while building: EDL compiler and SDK, and edb-policy for the demo's root.
build_native() {
  configure "$native" --buildtype=release -Dtests=false
  ninja -C "$native" sdk/edger8r/edger8r sdk/edb-sdk/edb-sdk{,-files} cloud/edb-policy/edb-policy
}
native_tools() {
  native=$cache/native-$(text_digest "$top") # a build folder belongs to one checkout
  always "tools for this machine" build_native
}

choose_root() {
  local policy=$native/cloud/edb-policy/edb-policy
  maker_root=
  [ "$profile" = production ] || return 0
  if [ -z "$root" ]; then
    root=$cache/demo-root/root.key.pub
    if [ ! -f "$root" ]; then
      (umask 077 && mkdir -p "$cache/demo-root")
      "$policy" keygen --quiet -o "$cache/demo-root/root.key"
      note "  a demo root was made: $cache/demo-root/root.key"
    fi
  fi
  maker_root=$("$policy" id "$root") || die "the maker's root cannot be used: $root"
}

build_cross() { # build_cross [TARGET...]
  local lib=$sysroot/usr/lib/aarch64-linux-gnu
  cat >"$cross.ini" <<END
[binaries]
c = ['aarch64-linux-gnu-gcc', '--sysroot=$sysroot', '-B$lib', '-L$lib']
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
edger8r = '$native/sdk/edger8r/edger8r'
edb-sdk = '$native/sdk/edb-sdk/edb-sdk'
[properties]
sys_root = '$sysroot'
pkg_config_libdir = '$lib/pkgconfig'
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'cortex-a57'
endian = 'little'
END
  [ -f "$cross/build.ninja" ] || meson setup "$cross" "$top" --cross-file "$cross.ini" -Dtee=optee -Dtests=false -Dta_dev_kit="$kit"
  meson configure "$cross" --buildtype=release -Dta_dev_kit="$kit" -Dmaker_root="$maker_root"
  ninja -C "$cross" "$@"
}
cross_programs() {
  # One folder for each checkout, kit and sysroot: compilers are not asked again whether they changed.
  cross=$cache/cross-$profile-$(text_digest "$top" "$kit" "$sysroot")
  always "the CPM and the programs for the device" build_cross
}

# needed_libraries PROGRAM...: names of all shared libraries that these need, theirs included.
needed_libraries() {
  local queue=("$@") seen=' ' file name
  while [ ${#queue[@]} -gt 0 ]; do
    file=${queue[0]}
    queue=("${queue[@]:1}")
    while read -r name; do
      case "$seen" in *" $name "*) continue ;; esac
      [ -z "$xtest_root" ] || [ ! -f "$xtest_root/lib/$name" ] || continue
      seen+="$name "
      [ -f "$sysroot/usr/lib/aarch64-linux-gnu/$name" ] || stop "$file needs $name, which is not there"
      echo "$name"
      queue+=("$sysroot/usr/lib/aarch64-linux-gnu/$name")
    done < <(aarch64-linux-gnu-readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}

# Our programs that a device has.
device_programs=(pipeline/cpk-tool/cpk-tool sdk/samples/responder/responder device/edb-execd/edb-execd)

build_root() {
  local root=$out/root program library name
  mkdir -p "$root"/{bin,dev,etc,lib/modules,proc,sys,tmp,run,root,usr/bin,usr/sbin,usr/lib,var/lib,var/log}
  cp "$sysroot/usr/bin/busybox" "$root/bin/busybox"
  ln -s busybox "$root/bin/sh"
  ln -s bin/busybox "$root/init"
  cp -R "$top/device/image/etc/." "$root/etc/"
  cp "$kernel"/modules/*.ko "$root/lib/modules/"
  printf '%s\n' "${modules[@]}" >"$root/etc/modules"
  printf '%s\n' "$profile" >"$root/etc/edb-profile"
  cp "$sysroot/usr/sbin/tee-supplicant" "$root/usr/sbin/"
  for program in "${device_programs[@]}"; do
    aarch64-linux-gnu-strip -o "$root/usr/bin/${program##*/}" "$cross/$program"
  done
  [ -z "$xtest_root" ] || cp -R "$xtest_root/." "$root/"
  for library in $(needed_libraries "$root"/usr/bin/* "$root/usr/sbin/tee-supplicant"); do
    aarch64-linux-gnu-strip --strip-unneeded -o "$root/lib/$library" "$sysroot/usr/lib/aarch64-linux-gnu/$library"
  done
  find "$root" -exec touch -h -d @0 {} +
  (cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc --reproducible -R 0:0) \
    >"$out/initramfs.cpio"
  rm -rf "$root"
}
root_filesystem() {
  local programs=() program
  for program in "${device_programs[@]}"; do programs+=("$cross/$program"); done
  step "root-$profile" "$(text_digest "$(digest "${programs[@]}" "$top/device/image/etc")" "$kernel" "$sysroot" "$xtest_root" \
    "$(declare -f build_root needed_libraries)")" "root file system" build_root
  initramfs=$made/initramfs.cpio
}
