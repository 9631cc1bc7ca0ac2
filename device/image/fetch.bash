# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # device/image/build sets and uses them
#
# What comes from the Debian archive: binary packages for the device (Debian 13, arm64), unpacked and
# never installed here, and two source packages. apt verifies all of it; it keeps a state of its own in
# the cache, so that the host's sources and architectures stay as they are.

# What the root file system and cross-compiling need; apt adds what these depend on.
device_packages=(libteec2 optee-client-dev tee-supplicant busybox-static libc6-dev libssl-dev
  libjansson-dev libcbor-dev libcurl4-openssl-dev libp11-kit-dev)
kernel_package=linux-image-cloud-arm64 # a name that follows the newest

# The source packages: suite, name, version known to work.
firmware_source=(trixie arm-trusted-firmware 2.12.1+dfsg-1)
optee_source=(unstable optee-os 4.10.0-2)

# apt_for SUITE: $APT_CONFIG for it, as it was updated last.
apt_for() {
  local suite=$1 dir=$cache/apt/$1 mirror keyring
  export APT_CONFIG=$dir/apt.conf
  [ -z "$update" ] && [ -f "$dir/updated" ] && return 0
  mkdir -p "$dir"/{state/lists/partial,cache/archives/partial}
  : >"$dir/status"
  mirror=$(APT_CONFIG='' debian_mirror)
  [ -n "$mirror" ] || stop "apt's sources here name no Debian archive"
  for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [ ! -f "$keyring" ] || break
  done
  printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$mirror" "$suite" \
    deb-src "$keyring" "$mirror" "$suite" >"$dir/sources.list"
  cat >"$APT_CONFIG" <<END
Dir::State "$dir/state";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
END
  apt-get -q update || stop "the Debian archive ($suite) cannot be reached; it is needed the first time"
  touch "$dir/updated"
}

fetch_debs() {
  local image
  apt_for trixie
  apt-get -q -y --download-only -o Dir::Cache::archives="$out" install "${device_packages[@]}"
  image=$(apt-cache depends "$kernel_package" | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$image" ] || stop "Debian 13 has no $kernel_package any more"
  (cd "$out" && apt-get -q download "$image")
  rm -rf "$out/partial" "$out/lock"
  rename_debs
}
# apt writes ':' of versions as %3a; a list of what came.
rename_debs() {
  local deb
  for deb in "$out"/*.deb; do
    # shellcheck disable=SC2016 # dpkg-deb expands these
    dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb"
  done | sort >"$out/versions"
}

# fetch_source SUITE NAME VERSION: that version if the archive has it, else its newest.
fetch_source() {
  local suite=$1 name=$2 version=$3
  apt_for "$suite"
  apt-cache showsrc "$name" | grep -qx "Version: $version" || version=
  (cd "$out" && apt-get -q --download-only source "$name${version:+=$version}") ||
    stop "the Debian archive ($suite) has no source of $name; version $3 is known to work"
  dpkg-source --no-check -x "$out"/*.dsc "$out/source"
  dpkg-parsechangelog -l "$out/source/debian/changelog" -S Version | sed "s/^/$name /" >"$out/versions"
}

fetch_all() {
  local key
  key=$(text_digest "${device_packages[@]}" $kernel_package)
  if [ -n "$update" ]; then
    rm -rf "$cache"/apt/*/updated "$cache"/steps/{debs,source-*}-*
  fi
  step debs "$key" "Debian packages for the device" fetch_debs
  debs=$made
  step source-tfa "$(text_digest "${firmware_source[@]}")" "source of Trusted Firmware-A" \
    fetch_source "${firmware_source[@]}"
  tfa_source=$made
  step source-optee "$(text_digest "${optee_source[@]}")" "source of OP-TEE" \
    fetch_source "${optee_source[@]}"
  optee_source_dir=$made
  versions=$cache/steps/versions-$profile
  cat "$debs/versions" "$tfa_source/versions" "$optee_source_dir/versions" >"$versions"
}

unpack_sysroot() {
  local deb
  for deb in "$debs"/*.deb; do
    case "$deb" in
    */linux-image-*) ;;
    *) dpkg-deb -x "$deb" "$out" ;;
    esac
  done
  [ -e "$out/lib" ] || ln -s usr/lib "$out/lib"
}

# The modules that are loaded at start, in this order.
modules=(virtio_blk failover net_failover virtio_net tee optee)
unpack_kernel() {
  local name path
  dpkg-deb -x "$debs"/linux-image-*.deb "$out/unpacked"
  mv "$out"/unpacked/boot/vmlinuz-* "$out/Image"
  mkdir "$out/modules"
  for name in "${modules[@]}"; do
    path=$(find "$out/unpacked" -name "$name.ko" -o -name "$name.ko.xz" | head -n 1)
    [ -n "$path" ] || stop "the kernel package has no module $name"
    case "$path" in
    *.xz) xz -dc "$path" >"$out/modules/$name.ko" ;;
    *) cp "$path" "$out/modules/$name.ko" ;;
    esac
  done
  rm -rf "$out/unpacked"
}

unpack_all() {
  local key
  key=$(digest "$debs/versions")
  step sysroot "$key" "what programs for the device are linked with" unpack_sysroot
  sysroot=$made
  step kernel "$(text_digest "$key" "${modules[@]}")" "kernel" unpack_kernel
  kernel=$made
}
