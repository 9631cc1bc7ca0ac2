#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Every way to sign: schemes, forms of certificates, PKCS#11, elsewhere.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

setup_file() {
  BATS_SHARED=$(mktemp -d)
  export BATS_SHARED
  make_vendor "$BATS_SHARED"
  "$tool" keygen -q -s "$BATS_SHARED/ec.key" --bits 256
  "$tool" keygen -q -s "$BATS_SHARED/r3.key" --bits 3072
}
teardown_file() { rm -rf "$BATS_SHARED"; }

setup() {
  new_folder
  cp "$BATS_SHARED"/* .
  head -c 5000 /dev/urandom >payload
}
teardown() { remove_folder; }

manifest() { "$tool" inspect -p "$1" --json | jq -r "$2"; }
with() { # with KEY OPTION...
  local key=$1
  shift
  "$tool" build -q -a "$id" -e file -k keys.json -i payload -s "$key" "$@"
}

@test "the scheme follows from the key" {
  with vendor.key -o p.cpk
  [ "$(manifest p.cpk '.manifest.package.sig | keys[0]')" = rsa-pkcs1v15 ]
  with r3.key -o p.cpk
  [ "$(manifest p.cpk '.manifest.package.sig["rsa-pkcs1v15"].key_strength')" = 3072 ]
  with ec.key -o p.cpk
  [ "$(manifest p.cpk '.manifest.package.sig | keys[0]')" = ecdsa-p256 ]
  "$tool" verify -q -p p.cpk -A ec.key.crt
  with vendor.key -o p.cpk --pss
  [ "$(manifest p.cpk '.manifest.payload.sig | keys[0]')" = rsa-pss ]
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  refused 2 '--pss' with ec.key -o q.cpk --pss
}

@test "forms of the certificate" {
  for form in x509-pem x509-der public-key-pem public-key-der; do
    with vendor.key -o p.cpk --certificate-form $form
    [ "$(manifest p.cpk '.manifest.payload.cert | keys[0]')" = embedded-$form ]
    "$tool" verify -q -p p.cpk -A vendor.key.crt
    "$tool" unpack -q -p p.cpk --stream 5 -o cert
    case $form in
    x509-pem) openssl x509 -in cert -noout ;;
    x509-der) openssl x509 -in cert -inform DER -noout ;;
    public-key-pem) openssl pkey -pubin -in cert -noout ;;
    public-key-der) openssl pkey -pubin -in cert -inform DER -noout ;;
    esac
  done
}

@test "a certificate in DER, or a bare public key, is embedded as it is" {
  openssl x509 -in vendor.key.crt -outform DER -out vendor.der
  openssl pkey -in vendor.key -pubout -out vendor.pub
  with vendor.key -o p.cpk -c vendor.der
  [ "$(manifest p.cpk '.manifest.payload.cert | keys[0]')" = embedded-x509-der ]
  with vendor.key -o p.cpk -c vendor.pub
  [ "$(manifest p.cpk '.manifest.payload.cert | keys[0]')" = embedded-public-key-pem ]
  with vendor.key -o p.cpk -c vendor.der --certificate-form x509-pem
  "$tool" verify -q -p p.cpk -A vendor.pub
  refused 36 'no X.509' with vendor.key -o q.cpk -c vendor.pub --certificate-form x509-pem
}

@test "only what belongs to the certificate gets into the package" {
  { echo 'a private remark'; cat vendor.key vendor.key.crt; } >mixed
  with vendor.key -o p.cpk -c mixed
  run ! grep -q 'private remark\|PRIVATE' p.cpk
}

@test "without a certificate the bare public key is embedded" {
  rm vendor.key.crt
  with vendor.key -o p.cpk
  [ "$(manifest p.cpk '.manifest.payload.cert | keys[0]')" = embedded-public-key-der ]
}

@test "a certificate elsewhere: url and target" {
  with vendor.key -o p.cpk --certificate-form url --certificate-location https://vendor.example/c.crt
  [ "$(manifest p.cpk .manifest.payload.cert.url.url)" = https://vendor.example/c.crt ]
  [ "$(manifest p.cpk '.streams | length')" = 8 ]
  refused 36 'https://vendor.example/c.crt' "$tool" verify -p p.cpk -A vendor.key.crt
  "$tool" verify -q -p p.cpk -A vendor.key.crt -s vendor.key.crt
    refused 33 'does not' "$tool" verify -p p.cpk -A r3.key.crt -A vendor.key.crt -s r3.key.crt
  with vendor.key -o p.cpk --certificate-form target --certificate-location vendor.example
  "$tool" verify -q -p p.cpk -A vendor.key.crt -s vendor.key.crt
  refused 2 '--certificate-location' with vendor.key -o q.cpk --certificate-form url
  refused 2 '--certificate-location' with vendor.key -o q.cpk --certificate-location x
}

@test "a certificate of another key is refused" {
  refused 36 '' with vendor.key -o p.cpk -c ec.key.crt
  left_nothing p.cpk
}

@test "what is named as certificate must be one, and of the signing key, in every form" {
  openssl pkey -in r3.key -pubout -out r3.pub
  openssl pkey -in r3.key -pubout -outform DER -out r3.pub.der
  openssl x509 -in vendor.key.crt -outform DER -out vendor.der
  head -c 300 vendor.der >cut.der
  { cat vendor.der; echo x; } >long.der
  echo hello >garbage
  : >empty
  for form in r3.pub r3.pub.der; do
    refused 36 'not that of the signing key' with vendor.key -o p.cpk -c $form
  done
  for file in cut.der long.der garbage empty vendor.key; do
    refused 36 "$file" with vendor.key -o p.cpk -c $file
    refused 36 "$file" with vendor.key -o p.cpk -c $file --certificate-form public-key-der
  done
  left_nothing p.cpk
}

@test "of several certificates in a file the first counts; dates do not" {
  cat vendor.key.crt r3.key.crt >first
  cat r3.key.crt vendor.key.crt >second
  with vendor.key -o p.cpk -c first
  [ "$("$tool" unpack -q -p p.cpk --stream 5 -o - | grep -c BEGIN)" -eq 1 ]
  refused 36 'not that of the signing key' with vendor.key -o q.cpk -c second
  openssl req -new -key vendor.key -subj /CN=Late -out late.csr
  # openssl x509 of Debian 13 makes no certificate that has expired; its "ca" does, everywhere.
  printf '%s\n' '[ca]' 'default_ca = late' '[late]' 'database = late.index' 'new_certs_dir = .' \
    'rand_serial = yes' 'default_md = sha256' 'policy = names' '[names]' 'commonName = supplied' \
    >late.cnf
  touch late.index
  openssl ca -config late.cnf -selfsign -keyfile vendor.key -in late.csr -out late.crt -notext \
    -batch -startdate 20200101000000Z -enddate 20200102000000Z 2>/dev/null
  run ! openssl x509 -in late.crt -noout -checkend 0
  with vendor.key -o p.cpk -c late.crt
  "$tool" verify -q -p p.cpk -A late.crt
}

@test "a certificate that claims to be encrypted asks for no password" {
  printf '%s\n' '-----BEGIN CERTIFICATE-----' 'Proc-Type: 4,ENCRYPTED' \
    'DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF' '' >asks.crt
  sed 1d vendor.key.crt >>asks.crt
  command="'$tool' build -q -a $id -e file -k keys.json -i payload -s vendor.key -c asks.crt -o p.cpk"
  run script -qec "$command" /dev/null </dev/null # a terminal, which OpenSSL would ask
  [ "$status" -eq 36 ]
  [[ $output != *'pass phrase'* ]]
  left_nothing p.cpk
}

@test "a key that cannot sign" {
  refused 81 'nowhere' with nowhere -o p.cpk
  refused 36 'private key' with vendor.key.crt -o p.cpk
  openssl genrsa -out small.key 1024 2>/dev/null
  refused 36 'RSA' with small.key -o p.cpk
  openssl pkey -in vendor.key -aes256 -passout pass:secret -out locked.key
  refused 36 'password' with locked.key -o p.cpk
  left_nothing p.cpk
}

sign_elsewhere() { # sign_elsewhere KEY DIR [pkeyutl option...]
  local key=$1 dir=$2
  shift 2
  for what in payload package; do
    openssl pkeyutl -sign -inkey "$key" -in "$dir/$what.digest" -out "$dir/$what.sig" \
      -pkeyopt digest:sha256 "$@"
  done
}

two_step() { # two_step KEY OPTION... : the first step
  local key=$1
  shift
  "$tool" build -q -a "$id" -e file -k keys.json -i payload -c "$key.crt" --signature sign "$@"
}

@test "signing elsewhere: RSA, RSA-PSS, ECDSA" {
  two_step vendor.key -o p.cpk
  [ "$(stat -c %s sign/payload.digest sign/package.digest | paste -sd+)" = 32+32 ]
  [ "$(jq -r .package_digest sign/request.json)" = "$(od -An -v -tx1 sign/package.digest | tr -d ' \n')" ]
  [ "$(jq -r '.scheme + .application_id' sign/request.json)" = "rsa-pkcs1v15$id" ]
  refused 33 '' "$tool" verify -p p.cpk -A vendor.key.crt
  sign_elsewhere vendor.key sign
  "$tool" build -q --signature sign -o p.cpk
  "$tool" verify -q -p p.cpk -A vendor.key.crt

  two_step vendor.key -o p.cpk --pss
  [ ! -e sign/payload.sig ] # an old signature is no answer
  sign_elsewhere vendor.key sign -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32
  "$tool" build -q --signature sign -o p.cpk
  "$tool" verify -q -p p.cpk -A vendor.key.crt

  two_step ec.key -o p.cpk
  sign_elsewhere ec.key sign # DER
  "$tool" build -q --signature sign -o p.cpk
  "$tool" verify -q -p p.cpk -A ec.key.crt
}

@test "signing elsewhere: ECDSA as r and s, and with openssl dgst of the whole input" {
  two_step ec.key -o p.cpk
  # What is signed is SHA-256 of the mapped streams: whoever has them can hash them himself.
  for stream in 6 1 2 3 5 0; do "$tool" unpack -q -p p.cpk --stream $stream -o -; done >mapped
  cmp sign/package.digest <(openssl dgst -sha256 -binary mapped)
  openssl dgst -sha256 -sign ec.key -out sign/package.sig mapped
  openssl dgst -sha256 -sign ec.key -out payload.der payload
  # r and s out of the DER, each to 32 bytes
  openssl asn1parse -inform DER -in payload.der |
    sed -n 's/.*INTEGER *://p' | while read -r n; do printf '%64s' "$n" | tr ' ' 0; done |
    perl -pe '$_ = pack "H*", $_' >sign/payload.sig
  [ "$(stat -c %s sign/payload.sig)" -eq 64 ]
  "$tool" build -q --signature sign -o p.cpk
  "$tool" verify -q -p p.cpk -A ec.key.crt
}

@test "signing elsewhere: a wrong signature changes nothing" {
  two_step vendor.key -o p.cpk
  cp p.cpk before
  refused 81 'payload.sig' "$tool" build --signature sign -o p.cpk
  sign_elsewhere vendor.key sign
  cp sign/payload.sig sign/package.sig
  refused 33 'package signature' "$tool" build --signature sign -o p.cpk
  head -c 255 sign/payload.sig >short && mv short sign/payload.sig
  refused 33 'payload signature' "$tool" build --signature sign -o p.cpk
  sign_elsewhere r3.key sign
  refused 33 '' "$tool" build --signature sign -o p.cpk
  head -c 2000 /dev/zero >sign/payload.sig
  refused 37 'larger' "$tool" build --signature sign -o p.cpk
  cmp p.cpk before
}

@test "signing elsewhere: certificate not embedded" {
  two_step vendor.key -o p.cpk --certificate-form url --certificate-location https://vendor.example
  sign_elsewhere vendor.key sign
  refused 36 '' "$tool" build --signature sign -o p.cpk
  "$tool" build -q --signature sign -o p.cpk -c vendor.key.crt
  "$tool" verify -q -p p.cpk -A vendor.key.crt -s vendor.key.crt
}

@test "signing elsewhere: what does not go together" {
  refused 2 'not both' two_step vendor.key -o p.cpk -s vendor.key
  refused 2 'which key' "$tool" build -a "$id" -e file -k keys.json -i payload -o p.cpk --signature sign
  refused 2 'must be a file' two_step vendor.key -o -
  left_nothing p.cpk
}

token() {
  export SOFTHSM2_CONF=$PWD/softhsm.conf
  module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
  [ -n "$module" ] || skip 'SoftHSM is not here'
  mkdir tokens
  printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm.conf
  softhsm2-util --init-token --free --label vendor --pin 1234 --so-pin 5678 >/dev/null
  softhsm2-util --import "$1" --token vendor --label "$2" --id 01 --pin 1234 >/dev/null
  # A path in a URI is percent-encoded (RFC 7512).
  uri="pkcs11:token=vendor;object=$2;type=private?module-path=$module"
}

@test "a signing key in a PKCS#11 token: RSA and ECDSA" {
  token vendor.key signer
  softhsm2-util --import ec.key --token vendor --label ec --id 02 --pin 1234 >/dev/null
  EDB_PKCS11_PIN=1234 with "$uri" -o p.cpk -c vendor.key.crt
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  EDB_PKCS11_PIN=1234 with "$uri" -o p.cpk -c vendor.key.crt --pss
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  EDB_PKCS11_PIN=1234 with "${uri/object=signer/object=ec}" -o p.cpk
  "$tool" verify -q -p p.cpk -A ec.key.crt
}

@test "PKCS#11: wrong PIN, no such key, no such module" {
  token vendor.key signer
  EDB_PKCS11_PIN=9999 refused 87 '' with "$uri" -o p.cpk
  run ! grep -q 9999 err.refused
  EDB_PKCS11_PIN=1234 refused 87 '' with "${uri/object=signer/object=nobody}" -o p.cpk
  EDB_PKCS11_PIN=1234 refused 87 '' with "${uri/$module/nowhere.so}" -o p.cpk
  refused 70 'process list' with "$uri&pin-value=1234" -o p.cpk
  left_nothing p.cpk
}

@test "PKCS#11: what fits more than one key or token is refused, labels of a pair may differ" {
  token vendor.key signer
  pkcs11() { pkcs11-tool --module "$module" --login --pin 1234 --token-label "$@" >/dev/null; }
  softhsm2-util --import ec.key --token vendor --label signer --id 02 --pin 1234 >/dev/null
  EDB_PKCS11_PIN=1234 refused 87 'several private keys match' with "$uri" -o p.cpk
  EDB_PKCS11_PIN=1234 with "${uri/type=private/type=private;id=%02}" -o p.cpk
  "$tool" verify -q -p p.cpk -A ec.key.crt
  # The public half under another label, then not there at all.
  pkcs11 vendor --type pubkey --id 02 --set-id 02 --label signer
  pkcs11 vendor --delete-object --type pubkey --id 02
  EDB_PKCS11_PIN=1234 refused 87 'neither one public key' \
    with "${uri/type=private/type=private;id=%02}" -o p.cpk
  openssl pkey -in ec.key -pubout -outform DER -out ec.der
  pkcs11 vendor --write-object ec.der --type pubkey --id 02 --label another
  EDB_PKCS11_PIN=1234 with "${uri/type=private/type=private;id=%02}" -o p.cpk
  "$tool" verify -q -p p.cpk -A ec.key.crt
  softhsm2-util --init-token --free --label vendor --pin 1234 --so-pin 5678 >/dev/null
  EDB_PKCS11_PIN=1234 refused 87 '2 tokens match the URI' with "$uri" -o p.cpk
}

@test "PKCS#11: what the URI says beside token and key counts, too" {
  token vendor.key signer
  export EDB_PKCS11_PIN=1234
  for other in slot-id=4711 slot-manufacturer=Nobody library-manufacturer=Nobody token=vendr; do
    refused 87 'no token matches' with "${uri/token=vendor/token=vendor;$other}" -o p.cpk
  done
  refused 70 'does not know' with "${uri/object=/objct=}" -o p.cpk
  for type in public cert secret-key; do
    refused 70 'type=private' with "${uri/type=private/type=$type}" -o p.cpk
  done
  left_nothing p.cpk
  slot=$(softhsm2-util --show-slots | sed -n 's/^Slot //p' | head -n 1)
  with "${uri/type=private/type=private;slot-id=$slot}" -o p.cpk -c vendor.key.crt
  with "${uri/;type=private/}" -o p.cpk
}

@test "PKCS#11: a public half that is only in a certificate; one that is another's" {
  token vendor.key signer
  export EDB_PKCS11_PIN=1234
  pkcs11() { pkcs11-tool --module "$module" --login --pin 1234 --token-label vendor "$@" >/dev/null; }
  pkcs11 --delete-object --type pubkey --id 01
  openssl x509 -in vendor.key.crt -outform DER -out vendor.der
  pkcs11 --write-object vendor.der --type cert --id 01 --label whatever
  with "$uri" -o p.cpk
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  openssl x509 -in r3.key.crt -outform DER -out r3.der
  pkcs11 --write-object r3.der --type cert --id 01 --label another
  refused 87 'nor one certificate' with "$uri" -o q.cpk
  openssl genrsa -out r2.key 2048 2>/dev/null
  openssl pkey -in r2.key -pubout -outform DER -out r2.pub
  pkcs11 --write-object r2.pub --type pubkey --id 01 --label signer
  refused 87 'does not verify under its public key' with "$uri" -o q.cpk
  left_nothing q.cpk
}

@test "PKCS#11: a private key alone, its public half from the certificate" {
  token vendor.key signer
  export EDB_PKCS11_PIN=1234
  pkcs11-tool --module "$module" --login --pin 1234 --token-label vendor \
    --delete-object --type pubkey --id 01 >/dev/null
  refused 87 'neither one public key' with "$uri" -o p.cpk
  grep -q 'hint: .*--certificate' err.refused
  with "$uri" -o p.cpk -c vendor.key.crt
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  with "$uri" -o p.cpk -c vendor.key.crt --pss --certificate-form url --certificate-location https://a.example/
  "$tool" verify -q -p p.cpk -A vendor.key.crt -s vendor.key.crt
  # What the token signs has to verify under it.
  openssl genrsa -out r2.key 2048 2>/dev/null
  openssl pkey -in r2.key -pubout -out r2.pub
  refused 87 'does not verify' with "$uri" -o q.cpk -c r2.pub
  refused 87 '' with "$uri" -o q.cpk -c ec.key.crt
  left_nothing q.cpk
}

@test "PKCS#11: the PIN in a file; none at all; a key of a size that no scheme takes" {
  token vendor.key signer
  (umask 077 && echo 1234 >pin)
  with "$uri&pin-source=file:pin" -o p.cpk -c vendor.key.crt
  "$tool" verify -q -p p.cpk -A vendor.key.crt
  refused 87 'no PIN: set EDB_PKCS11_PIN' with "$uri" -o p.cpk
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out small.key 2>/dev/null
  softhsm2-util --import small.key --token vendor --label small --id 03 --pin 1234 >/dev/null
  EDB_PKCS11_PIN=1234 refused 36 'RSA-2048' with "${uri/object=signer/object=small}" -o new.cpk
  left_nothing new.cpk
}
