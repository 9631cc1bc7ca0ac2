#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What `meson install` puts into a system is enough to run the simulator with its CPM, to read up on
# what the manual pages refer to, and to build a host program or a reader of packages.

bats_require_minimum_version 1.5.0

# fails CODE WORDS COMMAND...: with this exit code and these words.
fails() {
  run -"$1" "${@:3}"
  [[ $output == *"$2"* ]]
}

setup() {
  top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  work=$BATS_TEST_TMPDIR
  prefix=$work/root$(meson introspect --buildoptions "$EDB_BUILD" |
    jq -r '.[] | select(.name == "prefix").value')
  DESTDIR=$work/root meson install -C "$EDB_BUILD" --no-rebuild --quiet
  cd "$work"
  export SIMTEE_DIR=$work/device PATH=$prefix/bin:$PATH
}

teardown() { simtee stop; }

@test "simtee starts with the installed CPM, and cpk-tool finds it" {
  simtee start --early-ta "$prefix/libexec/simtee/cpm.ta.elf"
  cpk-tool status --json >status.json
  cat status.json
  jq -e '.tee == "simtee"' status.json
}

@test "each page that a manual page names is there, and the tools' completion" {
  for page in $(cat "$prefix"/share/man/man1/* | grep -o 'docs/[a-z-]*\.md' | sort -u); do
    [ -s "$prefix/share/doc/enclave-device-blueprint/$page" ] || { echo "$page"; false; }
  done
  for tool in cpk-tool edb-policy edb-sdk edger8r simtee; do
    grep -q 'share/doc/enclave-device-blueprint' "$prefix/share/man/man1/$tool.1"
  done
  [ -s "$prefix/share/bash-completion/completions/edger8r" ]
  [ -s "$prefix/share/bash-completion/completions/edb-sdk.bash" ]
}

@test "an application is made and built with what is installed alone" {
  edb-sdk new --quiet app
  edb-sdk build --quiet app
  "$top/tests/unit/edger8r/image_test" app/build-simtee/app.ta.elf
  simtee start --early-ta "$prefix/libexec/simtee/cpm.ta.elf"
  fails 1 'is the application installed?' app/build-simtee/app
}

@test "a host program is built from installed headers and libraries alone" {
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name simteec.pc)")
  export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$work/root
  edb-sdk new --quiet app
  edb-sdk build --quiet --enclave-only app
  read -ra flags <<<"$(pkg-config --cflags --libs --static edb-host simteec)"
  cc -std=gnu11 -o host -Iapp/build-simtee app/app.c app/build-simtee/app_u.c "${flags[@]}"
  LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") fails 1 'is the application installed?' ./host
}

@test "a reader of packages is built from installed headers and libcpk alone" {
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name cpk.pc)")
  export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$work/root
  cat >reader.c <<'C'
#include <cpk/reader.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct edb_error error = {0};
	struct cpk_raw *raw = NULL;
	enum edb_err err = cpk_open(STDIN_FILENO, &raw, &error);

	if (err)
		puts(error.message);
	else
		printf("%u streams\n", cpk_raw_stream_count(raw));
	cpk_raw_free(raw);
	return (int)err;
}
C
  read -ra flags <<<"$(pkg-config --cflags --libs cpk)"
  cc -std=c11 -Wall -Wextra -Werror -o reader reader.c "${flags[@]}"
  id=$(cat /proc/sys/kernel/random/uuid)
  cpk-tool keygen --quiet -a "$id" -k keys.json
  cpk-tool keygen --quiet -s vendor.key
  cpk-tool build --quiet -i reader.c -o package.cpk -a "$id" --app-version 1.0.0 --type data \
    -e file -k keys.json -s vendor.key -c vendor.key.crt
  run ./reader <package.cpk
  [ "$status" -eq 0 ] && [[ $output == *' streams' ]]
  run ./reader <reader.c
  [ "$status" -eq 11 ] && [ -n "$output" ]
}
