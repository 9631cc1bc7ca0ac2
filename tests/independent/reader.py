#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An independent reader of Confidential Packages, written from docs/format.md alone.

    reader.py [-a ANCHORS] [-k KEY] [-c CERTIFICATE] PACKAGE...

Checks the page's rules, group by group, and prints for each package: its path, a tab, and OK or the
errors of the first group with a broken rule, in the page's order (a reader may report any of them).
Without -a it stops before the strong packages' rules, without -k before the payload's. ANCHORS has a
line of 64 hex digits for each trusted key, KEY the class key's 32 bytes, CERTIFICATE the signer's
certificate (DER) for packages that embed none. A test tool: it shares no code with libcpk.
"""

import argparse
import base64
import hashlib
import os
import re
import struct
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CHUNK = 1 << 20
P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Refused(Exception):
    """The file breaks rules; args[0] is the list of errors."""


class Faults(list):
    """The broken rules of one group."""

    def unless(self, good, error):
        if not good and error not in self:
            self.append(error)
        return good

    def settle(self):
        if self:
            raise Refused(self)


# --- Frame -----------------------------------------------------------------------------------------


class Frame:
    def __init__(self, path):
        self.file = open(path, "rb")
        size = os.fstat(self.file.fileno()).st_size
        faults = Faults()
        faults.unless(size >= 16, "TRUNCATED")  # F1
        faults.settle()
        magic, version, flag, count, self.manifest, kind, kind_version = struct.unpack(
            "<4s6H", self.file.read(16))
        faults.unless(magic == b"\x0d\xf0\xcc\x0e", "MAGIC")  # F2
        faults.unless(version == 1, "FRAME_VERSION")  # F3
        faults.unless(flag == 0, "FRAME_FLAG")  # F4
        faults.unless(count >= 1, "STREAM_COUNT")  # F5
        faults.unless(self.manifest < count, "MANIFEST_INDEX")  # F6
        faults.unless(kind == 1, "MANIFEST_TYPE")  # F7
        faults.unless(kind_version == 1, "MANIFEST_VERSION")  # F8
        self.origin = 16 + 16 * count
        if not faults.unless(size >= self.origin, "TRUNCATED"):  # F9
            faults.settle()
        table = self.file.read(16 * count)
        self.streams = [struct.unpack_from("<QQ", table, 16 * i) for i in range(count)]
        room = size - self.origin
        for offset, length in self.streams:  # F10
            faults.unless(offset <= room and offset + length <= room, "STREAM_RANGE")
        end = 0
        for offset, length in sorted(s for s in self.streams if s[1] > 0):  # F11
            faults.unless(offset >= end, "STREAM_OVERLAP")
            end = max(end, offset + length)
        faults.settle()

    def chunks(self, index):
        offset, left = self.streams[index]
        self.file.seek(self.origin + offset)
        while left > 0:
            data = self.file.read(min(left, CHUNK))
            left -= len(data)
            yield data

    def stream(self, index):
        return b"".join(self.chunks(index))

    def size(self, index):
        return self.streams[index][1]


# --- Manifest: the text ----------------------------------------------------------------------------


class Text:
    """The narrowed JSON."""

    ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

    def __init__(self, data):
        if len(data) > 16384:  # J1
            raise Refused(["LIMIT"])
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:  # J2: an earlier fault goes first
            self.text = data[: error.start].decode("utf-8")
        self.at = 0
        self.duplicate = False
        self.space()
        if self.peek() != "{":  # J3
            raise Refused(["JSON"])
        self.value = self.any(1)
        self.space()
        self.need(self.at == len(self.text) and len(self.text.encode()) == len(data))
        if self.duplicate:  # J8
            raise Refused(["JSON_DUPLICATE"])

    def need(self, good, error="JSON"):
        if not good:
            raise Refused([error])

    def peek(self):
        return self.text[self.at : self.at + 1]

    def take(self):
        self.need(self.at < len(self.text))
        self.at += 1
        return self.text[self.at - 1]

    def space(self):
        while self.peek() and self.peek() in " \t\n\r":
            self.at += 1

    def any(self, depth):
        first = self.peek()
        if first in ("{", "["):
            self.need(depth <= 8, "JSON_DEPTH")  # J7
            return self.object(depth) if first == "{" else self.array(depth)
        if first == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def items(self, close):
        """The places where an item of an object or array starts."""
        self.take()
        self.space()
        if self.peek() == close:
            self.take()
            return
        while True:
            self.space()
            yield
            self.space()
            mark = self.take()
            if mark == close:
                return
            self.need(mark == ",")

    def array(self, depth):
        return [self.any(depth + 1) for _ in self.items("]")]

    def object(self, depth):
        members = {}
        for _ in self.items("}"):
            self.need(self.peek() == '"')
            name = self.string()
            self.space()
            self.need(self.take() == ":")
            self.space()
            self.duplicate |= name in members
            members[name] = self.any(depth + 1)
        return members

    def number(self):
        start = self.at
        if self.peek() == "-":
            self.at += 1
        digits = self.at
        while self.peek() and self.peek() in "0123456789":
            self.at += 1
        run = self.text[digits : self.at]
        self.need(run and (run == "0" or run[0] != "0"))
        self.need(self.peek() == "" or self.peek() not in ".eE", "MEMBER_TYPE")  # J5
        value = int(self.text[start : self.at])
        self.need(-(2**63) <= value < 2**63, "MEMBER_VALUE")  # J6
        return value

    def unit(self):
        run = self.text[self.at : self.at + 4]
        self.need(len(run) == 4 and all(c in "0123456789abcdefABCDEF" for c in run))
        self.at += 4
        return int(run, 16)

    def string(self):
        self.take()
        out = []
        while True:
            char = self.take()
            if char == '"':
                return "".join(out)
            self.need(char >= " ")
            if char == "\\":
                char = self.take()
                if char == "u":
                    char = self.escaped()
                else:
                    self.need(char in self.ESCAPES)
                    char = self.ESCAPES[char]
            out.append(char)

    def escaped(self):  # J4
        unit = self.unit()
        self.need(unit != 0 and not 0xDC00 <= unit < 0xE000)
        if 0xD800 <= unit < 0xDC00:
            self.need(self.take() == "\\" and self.take() == "u")
            low = self.unit()
            self.need(0xDC00 <= low < 0xE000)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return chr(unit)


# --- Manifest: the members -------------------------------------------------------------------------

INDEX = (0, 65535)
U32 = (0, 2**32 - 1)
RSA = {"key_strength": (2048, 4096), "data": INDEX}
SCHEMES = {  # a number's range is a pair; a string's lengths are a list
    "enc": {"aes-gcm": {"key_name": [5, 36], "key_strength": (256, 256), "nonce": INDEX,
                        "tag": INDEX}},
    "dig": {"sha256": {"data": INDEX}},
    "sig": {"rsa-pkcs1v15": RSA, "rsa-pss": RSA,
            "ecdsa-p256": {"key_strength": (256, 256), "data": INDEX}},
    "cert": {"target": {"domain": [1, 1024]}, "url": {"url": [1, 1024]},
             **{"embedded-" + form: {"data": INDEX}
                for form in ("x509-pem", "x509-der", "public-key-pem", "public-key-der")}},
}
ABSENT = object()


class Members:
    def __init__(self, manifest):
        self.faults = Faults()
        self.manifest = manifest
        self.schemes = {}
        for name, low, high in (("cp-id", 1, 64), ("cp-name", 0, 128), ("cp-vendor", 0, 128)):
            self.string(manifest, name, low, high)
        payload = self.get(manifest, "payload", dict) or {}
        package = self.get(manifest, "package", dict) or {}
        self.data = self.number(payload, "data", *INDEX) if payload else None
        if payload:
            self.payload(payload)
        if package:
            self.package(package)
        self.faults.settle()

    def get(self, where, name, kind, default=ABSENT):
        value = where.get(name, ABSENT)
        if value is ABSENT:
            self.faults.unless(default is not ABSENT, "MEMBER_MISSING")  # M1
            return None
        good = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        self.faults.unless(good, "MEMBER_TYPE")  # M2
        return value if good else None

    def string(self, where, name, low, high):
        value = self.get(where, name, str)
        if value is not None:  # M3
            good = low <= len(value.encode()) <= high
            good = good and not any(c < " " or c == "\x7f" for c in value)
            self.faults.unless(good, "MEMBER_VALUE")
        return value

    def number(self, where, name, low, high, default=ABSENT):
        value = self.get(where, name, int, default)
        if value is not None:  # M4
            self.faults.unless(low <= value <= high, "MEMBER_VALUE")
        return value

    def numbers(self, where, name, high, default=ABSENT):
        values = self.get(where, name, list, default)
        if values is None:
            return None
        self.faults.unless(len(values) <= 32, "LIMIT")  # M7
        for value in values:
            self.number({"": value}, "", 0, high)
        return values

    def scheme(self, where, part, kind):
        value = where.get(kind, ABSENT)
        self.schemes[part, kind] = None
        if not self.faults.unless(value is not ABSENT, "MEMBER_MISSING") or value == "none":
            return
        if not self.faults.unless(isinstance(value, (str, dict)), "MEMBER_TYPE"):
            return
        known = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SCHEMES[kind]
        if not self.faults.unless(known, "SCHEME"):  # M5
            return
        name = next(iter(value))
        members = self.get(value, name, dict)
        if members is None:
            return
        for member, limits in SCHEMES[kind][name].items():
            check = self.string if isinstance(limits, list) else self.number
            check(members, member, *limits)
        if kind == "enc":
            self.number(members, "key_version", 1, U32[1], None)
        if name.startswith("rsa-") and isinstance(members.get("key_strength"), int):
            self.faults.unless(members["key_strength"] % 8 == 0, "MEMBER_VALUE")
        self.schemes[part, kind] = (name, members)

    def signed(self, where, part):
        for kind in ("dig", "sig", "cert"):
            self.scheme(where, part, kind)
        bare = where.get("dig") == "none" and where.get("sig", "none") != "none"
        self.faults.unless(not bare, "SCHEME")  # M6

    def payload(self, payload):
        target = self.get(payload, "target", dict)
        for name in ("arch", "os") if target is not None else ():
            self.string(target, name, 1, 32)
        version = self.get(payload, "ver", dict)
        if version is not None:
            for name in ("maj", "min", "rev"):
                self.number(version, name, *U32)
            self.string(version, "date", 0, 64)
        self.scheme(payload, "payload", "enc")
        self.signed(payload, "payload")
        kind = self.get(payload, "type", str, None) or payload.get("type", "application")
        if isinstance(kind, str):  # M8
            self.faults.unless(kind in ("application", "data"), "MEMBER_VALUE")
        readers = self.get(payload, "readers", list, None)
        if readers is None:
            return
        self.faults.unless(kind == "data", "MEMBER_VALUE")
        self.faults.unless(len(readers) <= 16, "LIMIT")
        for reader in readers:
            if self.get({"": reader}, "", dict) is None:
                continue
            self.string(reader, "id", 1, 64)
            vendor = self.string(reader, "vendor", 64, 64)
            self.faults.unless(not vendor or set(vendor) <= set("0123456789abcdef"), "MEMBER_VALUE")

    def package(self, package):
        self.map = self.numbers(package, "map", INDEX[1]) or []
        self.signed(package, "package")
        self.sizes = self.numbers(package, "sizes", 2**63, None)
        own = [members.get("data") for members in
               (scheme[1] for key, scheme in self.schemes.items()
                if scheme and key in (("package", "dig"), ("package", "sig")))]
        taken = [index for index in self.map if isinstance(index, int)]
        self.faults.unless(len(set(taken)) == len(taken) and not set(taken) & set(own), "MAP")  # M9
        if self.sizes is not None:  # M10
            self.faults.unless(len(self.sizes) + 1 == len(self.map), "SIZES")

    def index(self, part, kind, member="data"):
        scheme = self.schemes[part, kind]
        return scheme[1].get(member) if scheme else None


# --- Manifest and streams together -----------------------------------------------------------------


def check_roles(frame, members):
    faults = Faults()
    roles = {"manifest": frame.manifest, "data": members.data}
    for member in ("nonce", "tag"):
        roles[member] = members.index("payload", "enc", member)
    for part in ("payload", "package"):
        for kind in ("dig", "sig", "cert"):
            roles[part, kind] = members.index(part, kind)
    roles = {role: index for role, index in roles.items() if index is not None}
    count = len(frame.streams)
    for index in list(roles.values()) + members.map:
        faults.unless(index < count, "STREAM_INDEX")  # R1
    seen = dict(roles)
    certs = members.schemes["payload", "cert"], members.schemes["package", "cert"]
    if all(certs) and certs[0][0] == certs[1][0] and \
            seen.get(("payload", "cert")) == seen.get(("package", "cert")):
        seen.pop(("package", "cert"), None)
    faults.unless(len(set(seen.values())) == len(seen), "STREAM_ROLE")  # R2

    for role, index in roles.items():  # R3
        if index >= count or role in ("manifest", "data"):
            continue
        low = high = {"nonce": 12, "tag": 16}.get(role, 32)
        if role[1] == "cert":
            low, high = 1, 16384
        elif role[1] == "sig":
            name, scheme = members.schemes[role]
            low = high = 64 if name == "ecdsa-p256" else scheme["key_strength"] // 8
        faults.unless(low <= frame.size(index) <= high, "STREAM_SIZE")
    if members.schemes["payload", "enc"] and members.data < count:  # R4
        faults.unless(frame.size(members.data) <= 2**36 - 32, "LIMIT")
    if members.sizes is not None and max(members.map) < count:  # R5
        faults.unless(members.sizes == [frame.size(i) for i in members.map[1:]], "SIZES")
    faults.settle()


# --- Strong packages -------------------------------------------------------------------------------


def der_value(data, at=0):
    """Where the content of the value at this place starts, and where it ends."""
    head = at + 2 + (data[at + 1] & 0x7F if data[at + 1] >= 0x80 else 0)
    size = int.from_bytes(data[at + 2 : head], "big") if head > at + 2 else data[at + 1]
    return head, head + size


def der_values(data):
    """The values in the content of the outermost one, each with its head."""
    at, end = der_value(data)
    while at < end:
        after = der_value(data, at)[1]
        yield data[at:after]
        at = after


def public_key_in(certificate):
    """The SubjectPublicKeyInfo as the certificate has it (RFC 5280, 4.1)."""
    fields = list(der_values(next(der_values(certificate))))
    if fields[0][0] == 0xA0:  # the version
        fields.pop(0)
    return fields[5]


def pem_alone(data, label):
    """The DER in a stream that is one PEM block; None: it is not."""
    block = re.fullmatch(
        rb"-----BEGIN %b-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END %b-----(?:\r?\n)?"
        % (label, label), data)
    if not block:
        return None
    text = re.sub(rb"[\r\n]", b"", block.group(1))
    try:
        der = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return der if base64.b64encode(der) == text else None


def the_encoding(key):
    """The one that has an id, by the page; the library would keep, say, a compressed point."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        return P256_HEAD + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    return key.public_bytes(serialization.Encoding.DER,
                            serialization.PublicFormat.SubjectPublicKeyInfo)


def signer_key(frame, members, brought):
    """S6: the key, or None."""
    name, scheme = members.schemes["payload", "cert"]
    form = name.replace("embedded-", "")
    data = frame.stream(scheme["data"]) if form != name else brought
    if form.endswith("-pem"):
        data = pem_alone(data, b"PUBLIC KEY" if form == "public-key-pem" else b"CERTIFICATE")
    if data is None or len(data) < 2 or der_value(data)[1] != len(data):
        return None
    try:
        if form.startswith("public-key"):
            key, spki = serialization.load_der_public_key(data), data
        else:
            key, spki = x509.load_der_x509_certificate(data).public_key(), public_key_in(data)
        encoded = the_encoding(key)
    except (ValueError, OverflowError, TypeError, LookupError, x509.UnsupportedGeneralNameType):
        return None
    except Exception as error:  # a key of a kind that the library does not know
        print(f"reader.py: {error}", file=sys.stderr)
        return None
    if spki != encoded:  # the library takes what is encoded in other ways, too
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return key if 2048 <= key.key_size <= 4096 else None
    p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return key if p256 else None


def verifies(frame, members, part, key):
    name, scheme = members.schemes[part, "sig"]
    signature = frame.stream(scheme["data"])
    digest = frame.stream(members.index(part, "dig"))
    sha256 = utils.Prehashed(hashes.SHA256())
    if isinstance(key, rsa.RSAPublicKey) != name.startswith("rsa-"):
        return False
    try:
        if name == "ecdsa-p256":
            halves = (int.from_bytes(signature[i : i + 32], "big") for i in (0, 32))
            key.verify(utils.encode_dss_signature(*halves), digest, ec.ECDSA(sha256))
        elif name == "rsa-pss":
            key.verify(signature, digest, padding.PSS(padding.MGF1(hashes.SHA256()), 32), sha256)
        else:
            key.verify(signature, digest, padding.PKCS1v15(), sha256)
    except InvalidSignature:
        return False
    return True


def sha256_of(frame, streams):
    digest = hashlib.sha256()
    for index in streams:
        for data in frame.chunks(index):
            digest.update(data)
    return digest.digest()


def check_strong(frame, members, anchors, brought):
    faults = Faults()
    schemes = members.schemes
    signed = schemes["package", "sig"] and schemes["payload", "sig"]
    faults.unless(signed, "UNSIGNED")  # S1
    ends = members.map[:1] == [frame.manifest] and members.map[-1:] == [members.data]
    faults.unless(ends, "MAP")  # S2
    between = [members.index("payload", "enc", "nonce"), members.index("payload", "enc", "tag"),
               members.index("payload", "dig"), members.index("payload", "cert")]
    between = sorted(index for index in between if index is not None)
    faults.unless(sorted(members.map[1:-1]) == between, "MAP")  # S3
    faults.unless(members.sizes is not None, "SIZES")  # S4
    cert = schemes["payload", "cert"]
    faults.unless(cert and cert == schemes["package", "cert"], "CERTIFICATE")  # S5
    faults.settle()
    key = signer_key(frame, members, brought)
    if not faults.unless(key, "CERTIFICATE"):  # S6
        faults.settle()
    spki = the_encoding(key)
    faults.unless(hashlib.sha256(spki).hexdigest() in anchors, "SIGNER")  # S7
    faults.settle()
    faults.unless(verifies(frame, members, "package", key), "SIGNATURE")  # S8
    faults.settle()
    faults.unless(verifies(frame, members, "payload", key), "SIGNATURE")  # S9
    faults.settle()
    claimed = frame.stream(members.index("package", "dig"))
    faults.unless(claimed == sha256_of(frame, members.map), "DIGEST")  # S10
    if not schemes["payload", "enc"]:  # S11
        claimed = frame.stream(members.index("payload", "dig"))
        faults.unless(claimed == sha256_of(frame, [members.data]), "DIGEST")
    faults.settle()


# --- Payload ---------------------------------------------------------------------------------------


def check_payload(frame, members, class_key):
    if not members.schemes["payload", "enc"]:
        return
    nonce, tag = (frame.stream(members.index("payload", "enc", m)) for m in ("nonce", "tag"))
    plain = Cipher(algorithms.AES(class_key), modes.GCM(nonce, tag)).decryptor()
    digest = hashlib.sha256()
    for data in frame.chunks(members.data):
        digest.update(plain.update(data))
    try:
        digest.update(plain.finalize())
    except InvalidTag:
        raise Refused(["TAG"]) from None  # P1
    claimed = members.index("payload", "dig")
    if claimed is not None and digest.digest() != frame.stream(claimed):
        raise Refused(["DIGEST"])  # P2


def read(path, anchors=None, class_key=None, brought=b""):
    try:
        frame = Frame(path)
        # J1 before reading: the stream may be as long as the file
        if frame.size(frame.manifest) > 16384:
            raise Refused(["LIMIT"])
        members = Members(Text(frame.stream(frame.manifest)).value)
        check_roles(frame, members)
        if anchors is not None:
            check_strong(frame, members, anchors, brought)
        if class_key:
            check_payload(frame, members, class_key)
    except Refused as refused:
        return refused.args[0]
    return ["OK"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-a", "--anchors")
    parser.add_argument("-k", "--key")
    parser.add_argument("-c", "--certificate")
    parser.add_argument("package", nargs="+")
    args = parser.parse_args()
    anchors = open(args.anchors).read().split() if args.anchors else None
    class_key = open(args.key, "rb").read() if args.key else None
    brought = open(args.certificate, "rb").read() if args.certificate else b""
    for path in args.package:
        print(path, " ".join(read(path, anchors, class_key, brought)), sep="\t")


if __name__ == "__main__":
    main()
