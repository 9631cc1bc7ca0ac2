#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Class keys over the HTTP key contract of 2021, from a service that behaves and from one that does
# not; and what a device does with packages and keys of 2021.

bats_require_minimum_version 1.5.0
load device.bash

here=$BATS_TEST_DIRNAME
secret_code='a code/with+odd&signs='

setup() {
  cd "$BATS_TEST_TMPDIR"
  unset CP_CLOUD_KEY_SOURCE CP_FILE_KEY_SOURCE SIMTEE_DIR
  world_make
  mkdir service
  cp keys/class-keys.json service/keys.json
  printf '%s' "$secret_code" >service/code
  (umask 077 && printf '%s' "$secret_code" >code)
}

teardown() {
  device_stop
  [ -z "${SERVER_PID-}" ] || { kill "$SERVER_PID" && wait "$SERVER_PID" || true; }
}

# serve [--tls]: starts the service; $at is where it is.
serve() {
  local port
  coproc SERVER { exec "$here/key-server" service "$@" 3>&- 4>&-; }
  read -r port <&"${SERVER[0]}"
  at=127.0.0.1:$port
}

fetch_and_build() { # fetch_and_build URL PACKAGE [option...]
  cpk_tool build --quiet -a $responder_id -i "$(image)" -o "$2" -e http -k "$1" \
    --access-code-file code -s keys/vendor.key -c keys/vendor.key.crt "${@:3}"
}

# fails_silently CODE WORDS COMMAND...: keeps the access code to itself, too, and leaves no package.
fails_silently() {
  fails "$@"
  [[ "$stderr" != *"$secret_code"* ]]
  [[ "$stderr" != *[cC]ode%2[fF]* ]]
  [ -z "$(find . -maxdepth 1 -name 'new.cpk*')" ]
}

# Policies of a device that allows what 2021 did; its vendor signs by RSA.
allow_2021() {
  echo '{"version": 1, "operator": "keys/operator.key.pub", "allow_2021_keys": true,
    "allow_2021_packages": true}' >device.json
  edb_policy device --quiet -i device.json -s keys/root.key -o device.policy
}

@test "the key comes wrapped: what was built opens with the service's key, and with no other" {
  serve
  fetch_and_build "http://$at" new.cpk
  cpk_tool unpack --quiet -p new.cpk --payload -e file -k keys/class-keys.json -o payload
  cmp payload "$(image)"
  [ "$(grep -c '^POST /api/WrapKey?code=.* application/json$' service/requests)" = 1 ]
}

@test "the service's address from the environment, the access code in it" {
  serve
  CP_CLOUD_KEY_SOURCE="http://$at/api/WrapKey?code=a%20code%2Fwith%2Bodd%26signs%3D" \
    cpk_tool build --quiet -a $responder_id -i "$(image)" -o new.cpk -e http -w local \
    -s keys/vendor.key
  [ -s new.cpk ]
}

@test "a service that refuses, or answers what is no answer" {
  serve
  printf wrong >other && chmod 0600 other
  fails_silently 86 'answered 401: is the access code right?' cpk_tool build --quiet -a $responder_id \
    -i "$(image)" -o new.cpk -e http -k "http://$at" --access-code-file other -s keys/vendor.key
  fails_silently 86 'answered 400: has it a key of that name?' cpk_tool build --quiet -a nobody-has-this \
    -i "$(image)" -o new.cpk -e http -k "http://$at" --access-code-file code -s keys/vendor.key
  fails_silently 86 'has no wrapped_key in base64' fetch_and_build "http://$at/html" new.cpk
  fails_silently 86 'answered 500: it has trouble of its own' fetch_and_build "http://$at/echo" new.cpk
  [[ "$stderr" != *a\ code* ]] # not in another encoding either
  fails_silently 86 'answered 302: it wants to redirect elsewhere' fetch_and_build "http://$at/redirect" new.cpk
  fails_silently 86 'answered 404: is that the address' fetch_and_build "http://$at/api/Other/?x" new.cpk
  fails_silently 85 'its answer is too long' fetch_and_build "http://$at/long" new.cpk
  fails_silently 86 'has no wrapped_key in base64' fetch_and_build "http://$at/nothing" new.cpk
  fails_silently 86 'has no wrapped_key in base64' fetch_and_build "http://$at/base64" new.cpk
  fails_silently 86 'holds no AES-256 key for us' fetch_and_build "http://$at/junk" new.cpk
  fails_silently 86 'holds no AES-256 key for us' fetch_and_build "http://$at/short" new.cpk
  fails_silently 85 'no answer' fetch_and_build "http://$at/cut" new.cpk
  fails_silently 85 'no answer' fetch_and_build "http://$at/hangup" new.cpk
}

@test "nobody there, no such host, and addresses that are none" {
  fails_silently 85 'no connection' fetch_and_build http://127.0.0.1:1 new.cpk
  fails_silently 70 'http would show the access code to the network' \
    fetch_and_build http://192.0.2.1/ new.cpk
  fails_silently 70 'it must begin with https://' fetch_and_build ftp://127.0.0.1/ new.cpk
  fails_silently 70 'a user name has no place in it' fetch_and_build http://me@127.0.0.1/ new.cpk
  fails_silently 70 'it has an access code, and another one is given' \
    fetch_and_build 'http://127.0.0.1:1/?code=x' new.cpk
}

@test "TLS: an authority has to vouch for the service" {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
    -addext subjectAltName=IP:127.0.0.1 -keyout tls.key -out ca.pem 2>/dev/null
  cat tls.key ca.pem >service/tls.pem
  serve --tls
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other \
    -keyout tls.key -out other.pem 2>/dev/null
  fails_silently 85 'its TLS certificate is not trusted here' \
    fetch_and_build "https://$at" new.cpk --ca-file other.pem
  fails_silently 85 'the file of --ca-file cannot be used' \
    fetch_and_build "https://$at" new.cpk --ca-file nowhere.pem
  # The name counts, too.
  fails_silently 85 'its TLS certificate is not trusted here' \
    fetch_and_build "https://localhost:${at#*:}" new.cpk --ca-file ca.pem
  fetch_and_build "https://$at" new.cpk --ca-file ca.pem
  [ -s new.cpk ]
}

@test "2021: a key over HTTP, and a package without our signatures, where the policy allows both" {
  serve
  allow_2021
  device_start device
  device_provision
  cpk_tool sync --quiet -a $responder_id -m http -k "http://$at" --access-code-file code
  pack $responder_id 1.0.0 "$(image)" ours.cpk
  "$here/../cli/make-2021" ours.cpk old.cpk
  cpk_tool install --quiet -p old.cpk
  [ -n "$(installed_version $responder_id)" ]
  responder_is_right
}

@test "2021: the device's public key alone on a line, a wrapped key on the command line" {
  allow_2021
  device_start device
  device_provision
  cpk_tool pub-key >line 2>notes
  [ "$(wc -l <line)" -eq 1 ]
  base64 -d line >device.der
  openssl pkey -pubin -inform DER -in device.der -noout -text | grep -q 'Public-Key: (2048 bit)'
  jq -r --arg id $responder_id '.[$id]' keys/class-keys.json | base64 -d >class-key
  wrapped=$(openssl pkeyutl -encrypt -pubin -keyform DER -inkey device.der -in class-key |
    base64 -w 0)
  cpk_tool sync --quiet -a $responder_id -m commandline -k "$wrapped"
  pack $responder_id 1.0.0 "$(image)" ours.cpk
  "$here/../cli/make-2021" ours.cpk old.cpk
  cpk_tool install --quiet -p old.cpk
  responder_is_right
  # Ours signs more than that; from now on this id takes nothing weaker.
  device_sync $responder_id
  cpk_tool install --quiet -p ours.cpk
  fails_silently 62 'does not allow packages or keys of 2021' cpk_tool install --quiet -p old.cpk
}

@test "2021: a key that cannot be unwrapped looks like one that can, and opens nothing" {
  allow_2021
  device_start device
  device_provision
  cpk_tool sync --quiet -a $responder_id -m commandline -k "$(head -c 256 /dev/zero | base64 -w 0)"
  pack $responder_id 1.0.0 "$(image)" ours.cpk
  "$here/../cli/make-2021" ours.cpk old.cpk
  run ! cpk_tool install --quiet -p old.cpk
  [ -z "$(installed_version $responder_id)" ]
  fails_silently 2 'must be the wrapped key in base64' \
    cpk_tool sync --quiet -a $responder_id -m commandline -k '***'
}
