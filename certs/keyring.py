"""A folder of keys: each a private key in PEM (`NAME.pem`, mode 0600) with its facts beside (`NAME.toml`).

Everything is checked before anything is used: a file that others may read, a weak key, one key in two places, two active
keys for one algorithm are refused with what to do about it.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certs.keys import Algorithm, Key, PrivateKey, State, Use, generate_private, key_of

_WEAKEST_RSA = 2048


class KeyRefused(ValueError):
    """A key file that must not be used: `reason` says why, `hint` what to do."""

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path}: {reason} ({hint})")
        self.path = path
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one instance, newest first."""

    keys: tuple[Key, ...]

    def signing(self, algorithm: str) -> Key:
        """The active key of an algorithm. LookupError when there is none."""
        for key in self.keys:
            if key.algorithm == algorithm and key.state is State.ACTIVE:
                return key
        raise LookupError(f"no active {algorithm} key: passerelle keys new op-signing --alg {algorithm}")

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as others fetch them (RFC 7517 5)."""
        return {"keys": [key.public_jwk() for key in self.keys]}


def load_keyring(folder: Path) -> Keyring:
    """Every key of a folder, checked alone and together. Raises KeyRefused."""
    pairs = [(path, _load(path)) for path in sorted(folder.glob("*.pem"))]
    for position, (path, key) in enumerate(pairs):
        before = [other for _, other in pairs[:position]]
        check_once(path, key, before)
        check_one_active(path, key, before)
    return Keyring(tuple(sorted((key for _, key in pairs), key=lambda key: (-key.created, key.kid))))


def _load(path: Path) -> Key:
    pem = _content(path)
    facts = _facts(path)
    # The whole key is validated (about 0.15 s for RSA-3072): it happens once a process, and a damaged RSA key can leak
    # its primes through one wrong signature.
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise KeyRefused(path, "not an unencrypted private key in PEM", "passerelle keys new op-signing") from wrong
    check_kind(path, private, facts["algorithm"])
    check_strong(path, private)
    assert isinstance(private, PrivateKey)  # noqa: S101 - check_kind has just said so
    return key_of(private, facts["use"], facts["algorithm"], facts["state"], facts["created"])


def _content(path: Path) -> bytes:
    try:
        check_private_file(path)
        return path.read_bytes()
    except OSError as wrong:
        raise KeyRefused(path, "the key cannot be read", "the server's account must own it") from wrong


def _facts(path: Path) -> Mapping[str, Any]:
    beside = path.with_suffix(".toml")
    try:
        facts = tomllib.loads(beside.read_text("utf-8"))
        algorithm, created = facts["algorithm"], facts["created"]
        if algorithm not in get_args(Algorithm) or not isinstance(created, int):
            raise ValueError(algorithm)
        return {
            "use": Use(facts["use"]),
            "algorithm": algorithm,
            "state": State(facts["state"]),
            "created": created,
        }
    except (OSError, ValueError, KeyError) as wrong:
        hint = "it needs use, algorithm, state and created; see the key's documentation"
        raise KeyRefused(beside, "the key's facts are absent or wrong", hint) from wrong


def check_private_file(path: Path) -> None:
    """A private key that others on the machine may read is not private."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyRefused(path, "group or others may read it", f"chmod 600 {path.name}")


def check_strong(path: Path, private: object) -> None:
    """RFC 7518 3.3 and 3.4: RSA from 2048 bits, or the curve P-256."""
    weak = isinstance(private, rsa.RSAPrivateKey) and private.key_size < _WEAKEST_RSA
    other_curve = isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name != "secp256r1"
    if weak or other_curve:
        raise KeyRefused(path, "the key is too weak, or on another curve than P-256", "passerelle keys new op-signing")


def check_kind(path: Path, private: object, algorithm: str) -> None:
    """The key is of the kind that its algorithm needs (RFC 8725 3.1)."""
    kinds: dict[str, type] = {"ES256": ec.EllipticCurvePrivateKey, "RS256": rsa.RSAPrivateKey}
    if not isinstance(private, kinds[algorithm]):
        raise KeyRefused(path, f"the key cannot sign {algorithm}", "mend `algorithm` in the file beside it")


def check_once(path: Path, key: Key, before: list[Key]) -> None:
    """A key has one use and one place."""
    if any(key.kid == other.kid for other in before):
        raise KeyRefused(path, "the same key stands in two files", "remove one of them")


def check_one_active(path: Path, key: Key, before: list[Key]) -> None:
    """One key signs at a time for an algorithm."""
    active = key.state is State.ACTIVE
    if active and any(other.algorithm == key.algorithm and other.state is State.ACTIVE for other in before):
        raise KeyRefused(path, f"two keys for {key.algorithm} are active", 'write state = "retiring" beside the old one')


def save(private: PrivateKey, key: Key, folder: Path) -> Path:
    """Write a key with its facts, each file whole or not at all; nobody else may read them, not even for a moment.

    Raises FileExistsError when the folder has this key already.
    """
    path = folder / f"{key.use}-{key.algorithm.lower()}-{key.kid[:8]}.pem"
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    facts = f'use = "{key.use}"\nalgorithm = "{key.algorithm}"\nstate = "{key.state}"\ncreated = {key.created}\n'
    if path.exists():
        raise FileExistsError(path)
    _write(path.with_suffix(".toml"), facts.encode())
    _write(path, pem)  # last: a key without its facts would be refused by whoever reads the folder now
    return path


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def new_key(folder: Path, use: Use, algorithm: Algorithm, state: State, now: int) -> Path:
    """Make a key in a folder; returns the file of its private part."""
    private = generate_private(algorithm)
    return save(private, key_of(private, use, algorithm, state, now), folder)
