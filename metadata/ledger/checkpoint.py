"""Checkpoints: the size and the root of the ledger, signed, for an auditor to keep.

The form is that of C2SP, tlog-checkpoint and signed-note: origin, size, root in base64, here a line with the time, a blank
line, and the signature. It is of type 0x02, ECDSA on P-256 with SHA-256 in ASN.1; the name of the key is the origin.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.keys import Key, PublicKey
from metadata.errors import LedgerRefused
from metadata.ledger import Entry

_BODY = re.compile(r"([^\s+]{1,300})\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime ([1-9]\d{0,11})\n")
_SIGNATURE = re.compile("\N{EM DASH} ([^\\s+]{1,300}) ([A-Za-z0-9+/]{1,200}={0,2})")
_MOST = 16_384  # octets


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: which ledger, how many entries, their root (32 octets), and when (Unix seconds)."""

    origin: str
    size: int
    root: bytes
    time: int

    @property
    def body(self) -> str:
        """The text of the note, with its last newline."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\ntime {self.time}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line below a note: the key's name, the first octets of its digest, and the signature."""

    name: str
    key_id: bytes
    octets: bytes


def public_octets(public: PublicKey) -> bytes:
    """A public key as SubjectPublicKeyInfo in DER: what its digest is over."""
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(public: PublicKey) -> bytes:
    """C2SP signed-note, type 0x02: the first four octets of the key's digest."""
    return hashlib.sha256(public_octets(public)).digest()[:4]


def write_checkpoint(checkpoint: Checkpoint, key: Key) -> bytes:
    """The signed note. Raises LedgerRefused where nobody could read it."""
    check_note(checkpoint.body)
    raw = key.sign(checkpoint.body.encode())
    half = len(raw) // 2
    der = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    line = b64encode(key_id(key.public_key) + der).decode()
    return f"{checkpoint.body}\n\N{EM DASH} {checkpoint.origin} {line}\n".encode()


def read_checkpoint(octets: bytes, keys: Iterable[PublicKey]) -> Checkpoint:
    """The checkpoint of a note that one of these keys signed. Raises LedgerRefused."""
    checkpoint, signatures = parse_checkpoint(octets)
    known = {key_id(key): key for key in keys if isinstance(key, ec.EllipticCurvePublicKey)}
    ours = [one for one in signatures if one.name == checkpoint.origin and one.key_id in known]
    check_some_signature(ours)
    for one in ours:
        check_signature(known[one.key_id], one, checkpoint.body)
    return checkpoint


def parse_checkpoint(octets: bytes) -> tuple[Checkpoint, list[Signature]]:
    """What a note says and who claims to have signed it: nothing of it is proven. Raises LedgerRefused."""
    check_size(octets)
    try:
        body, _, below = octets.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise LedgerRefused("the checkpoint is not a text") from None
    body += "\n"
    check_note(body)
    check_lines(below)
    origin, size, root, time = body.split("\n")[:4]
    time = time.removeprefix("time ")
    checkpoint = Checkpoint(origin, int(size), b64decode(root), int(time))
    check_written_once(checkpoint, body)
    return checkpoint, [_signature(line) for line in below.split("\n")[:-1]]


def _signature(line: str) -> Signature:
    found = _SIGNATURE.fullmatch(line)
    try:
        octets = b64decode(found[2], validate=True) if found else b""
    except ValueError:
        octets = b""
    if not found or b64encode(octets).decode() != found[2]:  # written in another way, or not at all
        return Signature("", b"", b"")
    return Signature(found[1], octets[:4], octets[4:])


# -- the law ----------------------------------------------------------------------------------------------------------


def check_size(octets: bytes) -> None:
    """C2SP signed-note: there is a limit to what is read."""
    if len(octets) > _MOST:
        raise LedgerRefused("the checkpoint is too long")


def check_note(body: str) -> None:
    """C2SP tlog-checkpoint: origin, size, root, and here the time; each on a line of its own."""
    if not _BODY.fullmatch(body):
        raise LedgerRefused("the text is no checkpoint")


def check_written_once(checkpoint: Checkpoint, body: str) -> None:
    """RFC 4648 3.5: what is signed is the very text, so its root has one form in base64."""
    if checkpoint.body != body:
        raise LedgerRefused("the text is no checkpoint")


def check_lines(below: str) -> None:
    """C2SP signed-note: below the blank line stand signatures, and nothing else."""
    if not below.endswith("\n") or not all(line.startswith("\N{EM DASH} ") for line in below.split("\n")[:-1]):
        raise LedgerRefused("the checkpoint has no signature")


def check_some_signature(ours: Sequence[Signature]) -> None:
    """C2SP signed-note: a note counts when a known key signed it; others' signatures are passed over."""
    if not ours:
        raise LedgerRefused("the checkpoint is not signed by a key that is known here")


def check_signature(public: PublicKey, signature: Signature, body: str) -> None:
    """C2SP signed-note: what claims to be by a known key must be."""
    try:
        assert isinstance(public, ec.EllipticCurvePublicKey)  # noqa: S101 - only such keys are known
        public.verify(signature.octets, body.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise LedgerRefused("the checkpoint's signature is wrong") from None


def check_head(checkpoint: Checkpoint, entries: Sequence[Entry], since: int = 0) -> None:
    """RFC 9162 2.1.4: what a checkpoint was signed over is still there. Entries before `since` are known to be."""
    last = checkpoint.size - 1
    check_covered(checkpoint, len(entries), entries[last].root if 0 <= last < len(entries) else b"", since)


def check_covered(checkpoint: Checkpoint, size: int, root: bytes, since: int = 0) -> None:
    """RFC 9162 2.1.4: as `check_head`, by the ledger's size and its root at the checkpoint's size."""
    last = checkpoint.size - 1
    if last >= size:
        missing = f"{size} to {last}" if last > size else f"{last}"
        raise LedgerRefused(f"missing: {missing}; the checkpoint was signed over {checkpoint.size} entries")
    if checkpoint.size and root != checkpoint.root:
        raise LedgerRefused(f"altered, somewhere in {since} to {last}: the checkpoint was signed over other entries")
