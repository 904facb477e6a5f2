"""A folder of keys: each a private key in PEM (`NAME.pem`, mode 0600) with its facts beside (`NAME.toml`), and where its
use needs one a certificate in PEM (`NAME.crt`, its chain behind it).

Everything is checked before anything is used: a file that others may read, a weak key, one key in two places, two active
keys for one purpose, another key's certificate are refused with what to do about it.
"""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from certs.authority import self_signed
from certs.keys import JOSE_USES, Key, PrivateKey, State, Use, algorithm_of, algorithms_of, generate_private, key_of

_WEAKEST = dict.fromkeys(JOSE_USES, 2048)
_DECRYPTING = frozenset({Use.SAML_DECRYPTION, Use.RP_DECRYPTION})
_WEAKEST_RSA = 3072
WITH_CERTIFICATE = frozenset({Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING, Use.TLS_CLIENT})


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

    def signing(self, algorithm: str, use: Use = Use.OP_SIGNING) -> Key:
        """The active key that signs tokens of a use by an algorithm. LookupError when there is none."""
        for key in self.all(use):
            if key.algorithm == algorithm and key.state is State.ACTIVE:
                return key
        raise LookupError(f"no active {algorithm} key: passerelle keys new {use} --alg {algorithm}")

    def active(self, use: Use) -> Key:
        """The active key of a use. LookupError when there is none."""
        for key in self.all(use):
            if key.state is State.ACTIVE:
                return key
        raise LookupError(f"no active {use} key: passerelle keys new {use}")

    def all(self, use: Use) -> tuple[Key, ...]:
        """Every key of a use: the active one first, then the newest."""
        return tuple(sorted((key for key in self.keys if key.use is use), key=lambda key: key.state is not State.ACTIVE))

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys of tokens as others fetch them (RFC 7517 5)."""
        return {"keys": [key.public_jwk() for key in self.keys if key.use is Use.OP_SIGNING]}

    def client_jwks(self) -> dict[str, list[dict[str, str]]]:
        """Our public keys towards providers. Who encrypts takes any key that he finds: only active ones are there."""
        shown = (*self.all(Use.RP_SIGNING), *(key for key in self.all(Use.RP_DECRYPTION) if key.state is State.ACTIVE))
        return {"keys": [key.public_jwk() for key in shown]}


# -- reading ----------------------------------------------------------------------------------------------------------


def load_keyring(folder: Path, now: int | None = None) -> Keyring:
    """Every key of a folder, checked alone and together, and certificates against `now` if given. Raises KeyRefused."""
    pairs = read_keys(folder)
    for position, (path, key) in enumerate(pairs):
        before = [other for _, other in pairs[:position]]
        check_once(path, key, before)
        check_one_active(path, key, before)
        if now is not None:
            check_in_date(path, key, now)
    return Keyring(tuple(sorted((key for _, key in pairs), key=lambda key: (-key.created, key.kid))))


def read_keys(folder: Path) -> list[tuple[Path, Key]]:
    """Each key of a folder with its file, checked alone. Raises KeyRefused."""
    return [(path, _load(path)) for path in sorted(folder.glob("*.pem"))]


def _load(path: Path) -> Key:
    pem = _content(path)
    facts = _facts(path)
    try:
        private = _parsed(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise KeyRefused(path, "not an unencrypted private key in PEM", "passerelle keys import") from wrong
    check_strong(path, private, facts["use"])
    check_kind(path, private, facts)
    assert isinstance(private, PrivateKey)  # noqa: S101 - check_kind has just said so
    key = key_of(private, facts["use"], facts["algorithm"], facts["state"], facts["created"], _chain(path))
    check_certificate(path, key)
    return key


@lru_cache(maxsize=64)
def _parsed(pem: bytes) -> object:
    # The whole key is validated (about 0.15 s for RSA-3072), since a damaged RSA key can leak its primes through one
    # wrong signature; once in a process, however often the configuration is read.
    return load_pem_private_key(pem, None)


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
        use, algorithm, created = Use(facts["use"]), facts["algorithm"], facts["created"]
        if algorithm not in algorithms_of(use) or not isinstance(created, int):
            raise ValueError(algorithm)
        return {"use": use, "algorithm": algorithm, "state": State(facts["state"]), "created": created}
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        hint = "it needs use, algorithm, state and created; see the key's documentation"
        raise KeyRefused(beside, "the key's facts are absent or wrong", hint) from wrong


def _chain(path: Path) -> tuple[bytes, ...]:
    beside = path.with_suffix(".crt")
    try:
        found = x509.load_pem_x509_certificates(beside.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as wrong:
        raise KeyRefused(beside, "not a certificate in PEM", "passerelle keys import") from wrong
    return tuple(one.public_bytes(Encoding.DER) for one in found)


# -- the law ----------------------------------------------------------------------------------------------------------


def check_private_file(path: Path) -> None:
    """A private key that others on the machine may read is not private."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyRefused(path, "group or others may read it", f"chmod 600 {path.name}")


def check_strong(path: Path, private: object, use: Use) -> None:
    """RFC 7518 3.3, 3.4: RSA from 2048 bits, or P-256, for tokens.

    eIDAS Cryptographic Requirements 1.4, 3.3.1, 3.4: RSA from 3072 bits, or a curve that they name, elsewhere.
    """
    weakest = _WEAKEST.get(use, _WEAKEST_RSA)
    weak = isinstance(private, rsa.RSAPrivateKey) and private.key_size < weakest
    other_curve = isinstance(private, ec.EllipticCurvePrivateKey) and not algorithm_of(private, use)
    if weak or other_curve:
        raise KeyRefused(
            path, f"the key is too weak (RSA from {weakest} bits), or on another curve", f"passerelle keys new {use}"
        )


def check_kind(path: Path, private: object, facts: Mapping[str, Any]) -> None:
    """The key is of the kind that its algorithm says (RFC 8725 3.1)."""
    if not isinstance(private, PrivateKey) or not _fits(private, facts["use"], facts["algorithm"]):
        does = "decrypt" if facts["use"] in _DECRYPTING else "sign"
        hint = "mend `algorithm` in the file beside it"
        raise KeyRefused(path, f"the key cannot {does} {facts['algorithm']}", hint)


def _fits(private: PrivateKey, use: Use, algorithm: str) -> bool:
    if isinstance(private, rsa.RSAPrivateKey):
        return algorithm.startswith(("RS", "PS"))  # for tokens, or RSA of any size that is strong enough
    return algorithm_of(private, use) == algorithm


def check_certificate(path: Path, key: Key) -> None:
    """A key of the eIDAS network is known by a certificate: its own."""
    if key.use in WITH_CERTIFICATE and not key.chain:
        hint = f"put its certificate into {path.with_suffix('.crt').name}"
        raise KeyRefused(path, "the key has no certificate", hint)
    if key.chain and x509.load_der_x509_certificate(key.chain[0]).public_key() != key.public_key:
        raise KeyRefused(path, "the certificate beside the key is another key's", "its own certificate comes first")


def check_in_date(path: Path, key: Key, now: int) -> None:
    """Cryptographic Requirements 1.4, 3.5: others refuse what is signed when its certificate does not count."""
    if not key.chain or key.state is not State.ACTIVE:
        return
    certificate = x509.load_der_x509_certificate(key.chain[0])
    moment = datetime.fromtimestamp(now, UTC)
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        hint = f'passerelle keys new {key.use}, and state = "retiring" beside this one'
        raise KeyRefused(path, "its certificate has expired, or is not valid yet", hint)


def check_once(path: Path, key: Key, before: Iterable[Key]) -> None:
    """A key has one use and one place: what signs for one purpose must prove nothing for another."""
    if any(key.public_key == other.public_key for other in before):
        raise KeyRefused(path, "the same key stands in two files", "remove one of them")


def check_one_active(path: Path, key: Key, before: Iterable[Key]) -> None:
    """One key is active at a time: for an algorithm where tokens are signed, for a use elsewhere."""
    if key.state is not State.ACTIVE:
        return
    for other in before:
        rival = other.use is key.use and (key.use not in JOSE_USES or other.algorithm == key.algorithm)
        if rival and other.state is State.ACTIVE:
            what = key.algorithm if key.use in JOSE_USES else key.use
            raise KeyRefused(path, f"two keys for {what} are active", 'write state = "retiring" beside the old one')


def check_addition(path: Path, private: PrivateKey, key: Key, ring: Keyring) -> None:
    """What is to be kept would be loaded again: every rule on one more key of this ring. Raises KeyRefused."""
    check_strong(path, private, key.use)
    check_kind(path, private, {"use": key.use, "algorithm": key.algorithm})
    check_certificate(path, key)
    check_once(path, key, ring.keys)
    check_one_active(path, key, ring.keys)


# -- writing ----------------------------------------------------------------------------------------------------------


def save(private: PrivateKey, key: Key, folder: Path) -> Path:
    """Write a key with its facts and certificates, each file whole or not at all; nobody else may ever read it.

    Raises FileExistsError when the folder has this key already.
    """
    path = folder / f"{key.use}-{key.algorithm.lower()}-{key.kid[:8]}.pem"
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    facts = f'use = "{key.use}"\nalgorithm = "{key.algorithm}"\nstate = "{key.state}"\ncreated = {key.created}\n'
    if path.exists():
        raise FileExistsError(path)
    if key.chain:
        certificates = (x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in key.chain)
        write_file(path.with_suffix(".crt"), b"".join(certificates))
    write_file(path.with_suffix(".toml"), facts.encode())
    write_file(path, pem)  # last: a key without its facts would be refused by whoever reads the folder now
    return path


def write_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def new_key(
    folder: Path, use: Use, algorithm: str, state: State, now: int, subject: str = "Passerelle", days: int = 730
) -> Path:
    """Make a key in a folder, with a certificate of its own where its use needs one; returns its private part's file."""
    private = generate_private(algorithm)
    chain = (self_signed(private, use, subject, now, days),) if use in WITH_CERTIFICATE else ()
    return save(private, key_of(private, use, algorithm, state, now, chain), folder)


def make_missing(folder: Path, uses: Iterable[Use], now: int, subject: str, algorithm: str = "P-256") -> list[Path]:
    """Make an active key for each use that has none; returns the files that were made. Raises KeyRefused."""
    present = {key.use for key in load_keyring(folder).keys if key.state is State.ACTIVE}
    return [new_key(folder, use, algorithm, State.ACTIVE, now, subject) for use in uses if use not in present]
