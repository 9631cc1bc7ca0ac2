# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A simulated device and the parties around it, for end-to-end tests and benchmarks. The user sets
# EDB_BUILD (a build folder) and calls world_make FOLDER first. Nothing here sleeps for a time: what
# has to be waited for is a line on a pipe, or a process's end.

responder=5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24

cpk_tool() { "$EDB_BUILD/pipeline/cpk-tool/cpk-tool" "$@"; }
edb_policy() { "$EDB_BUILD/cloud/edb-policy/edb-policy" "$@"; }

# vendor_make FOLDER NAME: a signing key and a certificate, by hand, as any vendor could.
vendor_make() {
  (
    umask 077
    openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj "/CN=$2" \
      -keyout "$1/$2.key" -out "$1/$2.pem" 2>/dev/null
  )
}

# class_key FILE ID...: a file key store with a fresh key for each id.
class_key() {
  local file=$1 id members=''
  shift
  for id in "$@"; do
    members+="${members:+, }\"$id\": \"$(openssl rand -base64 32)\""
  done
  (umask 077 && printf '{%s}\n' "$members" >"$file")
}

simtee() { "$EDB_BUILD/enclave/simtee/core/simtee" "$@"; }

# device_start FOLDER [OPTION...]: a simulated device that keeps everything in FOLDER. From here on
# SIMTEE_DIR names it, so hosts and tools find it.
device_start() {
  export SIMTEE_DIR=$1
  shift
  simtee start --early-ta "$EDB_BUILD/enclave/cpm/cpm.ta.elf" "$@"
}

device_stop() {
  [ -z "${SIMTEE_DIR-}" ] || simtee stop
}
