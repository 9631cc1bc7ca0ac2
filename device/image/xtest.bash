# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # device/image/build sets and uses them
#
# OP-TEE's own test suite, for the test profile: program, plugin and trusted applications of Debian's
# package. They come signed by Debian's key, which our OP-TEE does not know: they are signed again.

# Suite, packages; the first one's version is to be the one of OP-TEE.
xtest_packages=(unstable optee-test-qemu=4.10.0-1 libckteec0t64)

fetch_xtest() {
  apt_for "${xtest_packages[0]}"
  (cd "$out" && apt-get -q download "${xtest_packages[@]:1}") ||
    stop "the Debian archive (${xtest_packages[0]}) has no ${xtest_packages[*]:1}"
  rename_debs
}

# What the device's root file system has more than in production.
unpack_xtest() {
  local deb
  for deb in "$xtest_debs"/*.deb; do dpkg-deb -x "$deb" "$out/unpacked"; done
  mkdir -p "$out"/root/{usr/bin,usr/lib,lib/optee_armtz}
  aarch64-linux-gnu-strip -o "$out/root/usr/bin/xtest" "$out/unpacked/usr/bin/xtest"
  cp "$out/unpacked/usr/lib/aarch64-linux-gnu/libckteec.so.0" "$out/root/lib/"
  cp -R "$out/unpacked/usr/lib/tee-supplicant" "$out/root/usr/lib/"
  cp "$optee_build"/ta/pkcs11/*.ta "$out/root/lib/optee_armtz/" # OP-TEE's, signed by our key
  /usr/bin/python3 "$top/device/image/sign-again" --key "$cache/ta-sign.pem" \
    --out "$out/root/lib/optee_armtz" "$out"/unpacked/usr/lib/optee_armtz/*.ta
  rm -rf "$out/unpacked"
}

xtest() {
  xtest_root=
  [ "$profile" = test ] || return 0
  step xtest-debs "$(text_digest "${xtest_packages[@]}")" "Debian packages of OP-TEE's test suite" fetch_xtest
  xtest_debs=$made
  cat "$xtest_debs/versions" >>"$versions"
  step xtest "$(text_digest "$optee_key" "$core" "$(digest "$xtest_debs" "$top/device/image/sign-again" "$cache/ta-sign.pem")" \
    "$(declare -f unpack_xtest)")" "OP-TEE's test suite, signed by our key" unpack_xtest
  xtest_root=$made/root
}
