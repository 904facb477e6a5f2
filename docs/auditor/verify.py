"""Does an entry, or an older ledger, belong to the ledger that a checkpoint was signed over? Offline, by nobody's leave.

    python verify.py KEY.pem PROOF.json [KEPT.txt]

PROOF.json is what `passerelle audit proof` or `passerelle audit growth` wrote. With KEPT.txt, a checkpoint that you kept,
the proof must be about that one. Needs Python and the package `cryptography`; shares no code with Passerelle. Follows the
definitions of RFC 9162, 2.1, and C2SP's tlog-checkpoint and signed-note (ECDSA, type 0x02). Ends with 0 if all fits.
"""

import hashlib
import json
import sys
from base64 import b64decode
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


def sha256(octets):
    """The digest of octets."""
    return hashlib.sha256(octets).digest()


def opened(note, key):
    """The size and the root of a checkpoint, once its signature holds."""
    body, _, signatures = note.partition("\n\n")
    origin, size, root, *_ = body.split("\n")
    name = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))[:4]
    for line in signatures.splitlines():
        octets = b64decode(line.rpartition(" ")[2])
        if line.startswith(f"\N{EM DASH} {origin} ") and octets[:4] == name:
            key.verify(octets[4:], f"{body}\n".encode(), ec.ECDSA(SHA256()))
            return int(size), b64decode(root)
    raise ValueError("the checkpoint is not signed by this key")


def split(size):
    """RFC 9162 2.1.1: the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def root_of(index, size, path, leaf):
    """RFC 9162 2.1.3.1, read backwards: the root that the path leads to from the leaf; the path is used up."""
    if size == 1:
        return leaf
    if index < split(size):
        last = path.pop()
        return sha256(b"\x01" + root_of(index, split(size), path, leaf) + last)
    first = path.pop()
    return sha256(b"\x01" + first + root_of(index - split(size), size - split(size), path, leaf))


def roots_of(old, size, path, whole, known):
    """RFC 9162 2.1.4.1, read backwards: the old root and the new one that the path leads to."""
    if old == size:
        both = known if whole else path.pop()
        return both, both
    if old <= split(size):
        last = path.pop()
        before, after = roots_of(old, split(size), path, whole, known)
        return before, sha256(b"\x01" + after + last)
    first = path.pop()
    before, after = roots_of(old - split(size), size - split(size), path, False, known)
    return sha256(b"\x01" + first + before), sha256(b"\x01" + first + after)


def judge(key, proof, kept):
    """What fits, in a sentence. Raises when something does not."""
    if kept is not None and kept != proof["checkpoint"]:
        raise ValueError("the proof is about another checkpoint than the one that you kept")
    size, root = opened(proof["checkpoint"], key)
    path = [b64decode(step) for step in proof["path"]]
    if "event" in proof:
        index = proof["index"]
        fits = 0 <= index < size and root_of(index, size, path, sha256(b"\x00" + proof["event"].encode())) == root
        if not fits or path or json.loads(proof["event"])["seq"] != index:
            raise ValueError("the entry is not in this ledger")
        return f"entry {index} is in the ledger of {size} entries:\n{proof['event']}"
    old, old_root = opened(proof["old"], key)
    if not 0 < old <= size or roots_of(old, size, path, True, old_root) != (old_root, root) or path:
        raise ValueError("the older ledger is not the beginning of this one")
    return f"the ledger of {old} entries is the beginning of the one of {size}"


def main(key_file, proof_file, kept_file=None):
    """The exit code: 0 if all fits, 1 otherwise."""
    try:
        kept = Path(kept_file).read_text("utf-8") if kept_file else None
        print(judge(load_pem_public_key(Path(key_file).read_bytes()), json.loads(Path(proof_file).read_bytes()), kept))
    except InvalidSignature:
        print("DOES NOT FIT: the signature of a checkpoint is wrong")
        return 1
    except (OSError, ValueError, KeyError, IndexError) as wrong:
        print(f"DOES NOT FIT: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else __doc__)
