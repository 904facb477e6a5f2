"""The floor under a login: an application that does nothing, and the unavoidable operations called bare.

What stands here is what every broker must do for a login, whoever writes it: sign and verify, derive keys, seal and open
rows, read and write them, and ask the provider twice. What we do beyond is our own affair, and no part of the floor: to
render pages, to judge requests by rules, to pack values, to write the journal.
"""

import http.client
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask

empty = Flask("empty")


@empty.get("/healthz")
def nothing() -> str:
    """An answer without content."""
    return "ok"


@dataclass(frozen=True)
class Bare:
    """Milliseconds of CPU, by part."""

    parts: dict[str, float]

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(self.parts.values())


# What one login does: counted in the code, and asserted by tests/bench/test_floor.py.
SIGNATURES = 2  # ID token and userinfo
VERIFICATIONS = 1  # the provider's ID token
DERIVATIONS = 11  # places of sealed rows
SEALS, OPENINGS = 7, 7
READS, WRITES = 8, 5  # single statements each, though some writes take others along in one transaction
ASKS = 2  # requests to the provider: token and userinfo


def bare_ms(
    rounds: int = 400,
    signatures: int = SIGNATURES,
    verifications: int = VERIFICATIONS,
    derivations: int = DERIVATIONS,
    seals: int = SEALS,
    openings: int = OPENINGS,
    reads: int = READS,
    writes: int = WRITES,
) -> Bare:
    """The operations of one login, called bare; those of a login through a French provider if nothing else is said."""
    private = ec.generate_private_key(ec.SECP256R1())
    public, data = private.public_key(), os.urandom(500)
    signature = private.sign(data, ec.ECDSA(SHA256()))
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    sealed = cipher.encrypt(nonce, data, nonce)
    parts = {
        f"{signatures} ES256 signatures": signatures * _each(lambda: private.sign(data, ec.ECDSA(SHA256())), rounds),
        f"{verifications} ES256 verification": verifications
        * _each(lambda: public.verify(signature, data, ec.ECDSA(SHA256())), rounds),
        f"{derivations} HKDF derivations": derivations
        * _each(lambda: HKDF(SHA256(), 64, salt=nonce, info=nonce).derive(data), rounds),
        f"{seals} seals, {openings} openings": seals * _each(lambda: cipher.encrypt(nonce, data, nonce), rounds)
        + openings * _each(lambda: cipher.decrypt(nonce, sealed, nonce), rounds),
        f"{reads} reads, {writes} writes of SQLite": _statements(rounds, reads, writes),
    }
    return Bare(parts)


def _each(work: Callable[[], object], rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1000


def _statements(rounds: int, reads: int, writes: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder, "bare.db"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE rows (id BLOB PRIMARY KEY, expires INTEGER, version INTEGER, body BLOB)")
        body = os.urandom(600)

        def read() -> object:
            return connection.execute("SELECT * FROM rows WHERE id = ?", (b"absent",)).fetchone()

        def write() -> None:
            connection.execute("INSERT INTO rows VALUES (?, ?, ?, ?)", (os.urandom(32), 1, 1, body))

        cost = reads * _each(read, rounds) + writes * _each(write, rounds)
        connection.close()
        return cost


def asks_ms(port: int, rounds: int = 400, asks: int = ASKS) -> dict[str, float]:
    """CPU milliseconds that it takes to ask the provider by Python's own http.client over a kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    form = urlencode({"code": "n" * 43, "code_verifier": "v" * 64, "redirect_uri": "http://fc.localhost/callback"})

    def token() -> None:
        connection.request("POST", "/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()

    def userinfo() -> None:
        connection.request("GET", "/userinfo", headers={"Authorization": "Bearer a"})
        connection.getresponse().read()

    both = _each(token, rounds) + _each(userinfo, rounds)
    connection.close()
    return {f"{asks} requests to the provider": both * asks / 2} if asks else {}
