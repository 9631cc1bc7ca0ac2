# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests of command lines share. Meson sets EDB_BUILD. Every test has a folder of its own,
# with a space in its name, and is in it.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tool=$EDB_BUILD/pipeline/cpk-tool/cpk-tool
id=5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24
other_id=7e57da7a-0000-4000-8000-000000000001

new_folder() {
  folder=$(mktemp -d "${TMPDIR:-/tmp}/edb cli.XXXXXX")
  cd "$folder" || return
  unset CP_CLOUD_KEY_SOURCE CP_FILE_KEY_SOURCE CP_SIGNING_KEY CP_CERTIFICATE
}

remove_folder() {
  cd /
  rm -rf "$folder"
}

# A vendor and a class key, made once for a file of tests.
make_vendor() {
  "$tool" keygen -q --signing-key "$1/vendor.key" --name 'A vendor'
  "$tool" keygen -q -k "$1/keys.json" -a "$id"
}

# vendor OPTION... : build $id from payload with that key
build() { "$tool" build -q -a "$id" -e file -k keys.json -s vendor.key "$@"; }

# refused CODE WORDS COMMAND... : exits with the code, says the words, prints nothing on stdout
refused() {
  local code=$1 words=$2 got=0
  shift 2
  "$@" >out.refused 2>err.refused </dev/null || got=$?
  if [ "$got" -ne "$code" ]; then
    echo "exit $got, not $code: $*"
    cat err.refused
    return 1
  fi
  if ! grep -q -- "$words" err.refused; then
    echo "not said: $words"
    cat err.refused
    return 1
  fi
  if [ -s out.refused ]; then
    echo "something on standard output:"
    cat out.refused
    return 1
  fi
}

# left_nothing FILE : neither it nor a temporary one beside it is there
left_nothing() {
  local found
  found=$(find . -name "$1*")
  [ -z "$found" ] || { echo "left behind: $found"; return 1; }
}
