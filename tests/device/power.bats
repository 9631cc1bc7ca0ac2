#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Power goes at random moments of an install on the TrustZone device; then there is either the old
# application or the new one, whole, and no litter.

bats_require_minimum_version 1.5.0
load device.bash

cuts=${EDB_POWER_CUTS:-20}

setup_file() { one_device; }

setup() { in_file; }
teardown_file() { in_file_devices_off; }

images_stored() { on a sh -c 'ls /var/lib/optee-client/data/tee/*.ta | wc -l'; }

@test "power cut at random moments of an install" {
  local n old=1.0.0 new now began took_ms old_seen=0 new_seen=0
  carry a app.cpk
  on a cpk-tool install --quiet -p app.cpk
  # How long an install takes: moments are drawn from all of it, and from shortly after.
  pack_for_device 2.0.0 next.cpk
  carry a next.cpk
  began=$(date +%s%3N)
  on a cpk-tool install --quiet -p next.cpk
  took_ms=$(($(date +%s%3N) - began))
  old=2.0.0
  for ((n = 1; n <= cuts; n++)); do
    new=2.$n.0
    pack_for_device $new next.cpk
    carry a next.cpk
    edb_device run a -- cpk-tool install --quiet -p next.cpk </dev/null >/dev/null 2>&1 &
    perl -e 'select undef, undef, undef, rand(1.4 * $ARGV[0]) / 1000' "$took_ms" # the moment
    edb_device power-cut --quiet a
    wait $! || true
    start a
    now=$(version_on a)
    echo "cut $n: $old -> $new: $now"
    case "$now" in
    "$old") old_seen=$((old_seen + 1)) ;;
    "$new") new_seen=$((new_seen + 1)) ;;
    *) return 1 ;;
    esac
    answers_right a
    old=$now
  done
  echo "$old_seen times the old one, $new_seen times the new one" >&3
  # And it goes on from there: what was left behind goes with the next install.
  pack_for_device 3.0.0 next.cpk
  carry a next.cpk
  on a cpk-tool install --quiet -p next.cpk
  answers_right a
  [ "$(images_stored)" -eq 1 ]
  on a cpk-tool remove --quiet -a $responder_id
  [ "$(on a sh -c 'ls /var/lib/optee-client/data/tee | grep -c "\.ta$"')" = 0 ]
}
