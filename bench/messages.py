"""The operations on the messages of one login that nobody can do without, called bare."""

import os
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

Works = dict[str, Callable[[], object]]


def bare(way: str, algorithm: str, rounds: int) -> dict[str, float]:
    """Milliseconds by part: one signature and one verification, and the assertion's encryption or decryption.

    `way` is "through" (we sign the request and decrypt the answer) or "abroad" (we encrypt the answer and sign it).
    """
    works = (_curve if algorithm == "P-256" else _rsa)(opening=way == "through") | _content(opening=way == "through")
    return {name: each(work, rounds) for name, work in works.items()}


def each(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of CPU of one call."""
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1000


def _curve(opening: bool) -> Works:
    own, theirs, method = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
        ec.ECDSA(SHA256()),
    )
    data, peer = os.urandom(500), theirs.public_key()
    signature, wrapped = theirs.sign(data, method), aes_key_wrap(bytes(32), bytes(32))

    def agree() -> None:
        """ECDH-ES: a fresh key for each message."""
        ec.generate_private_key(ec.SECP256R1()).exchange(ec.ECDH(), peer)
        aes_key_wrap(bytes(32), bytes(32))

    def unwrap() -> None:
        own.exchange(ec.ECDH(), peer)
        aes_key_unwrap(bytes(32), wrapped)

    key: Works = {"1 agreement, key unwrap": unwrap} if opening else {"1 ephemeral key, agreement, key wrap": agree}
    return {
        "1 signature of a message": lambda: own.sign(data, method),
        "1 verification of a message": lambda: peer.verify(signature, data, method),
        **key,
    }


def _rsa(opening: bool) -> Works:
    own = rsa.generate_private_key(65537, 3072)
    public, data = own.public_key(), os.urandom(500)
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    signature, wrapped = own.sign(data, pss, SHA256()), public.encrypt(bytes(32), oaep)
    key: Works = (
        {"1 decryption of a key": lambda: own.decrypt(wrapped, oaep)}
        if opening
        else {"1 encryption of a key": lambda: public.encrypt(bytes(32), oaep)}
    )
    return {
        "1 signature of a message": lambda: own.sign(data, pss, SHA256()),
        "1 verification of a message": lambda: public.verify(signature, data, pss, SHA256()),
        **key,
    }


def _content(opening: bool) -> Works:
    cipher, content = AESGCM(bytes(32)), bytes(4096)
    sealed = cipher.encrypt(bytes(12), content, None)
    if opening:
        return {"1 decryption of 4 KiB": lambda: cipher.decrypt(bytes(12), sealed, None)}
    return {"1 encryption of 4 KiB": lambda: cipher.encrypt(bytes(12), content, None)}
