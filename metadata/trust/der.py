"""Certificates as Java's keytool wrote them for years: ECDSA with a NULL where RFC 5758 3.2 wants nothing.

`cryptography` does not read them, and a country of the network has such an anchor. What is made here is for reading its
fields alone: the issuer's signature is over other octets, so it counts only where no signature is asked for, as an anchor.
"""

import re

_WITH_NULL = re.compile(rb"\x30\x0c(\x06\x08\x2a\x86\x48\xce\x3d\x04\x03[\x01-\x04])\x05\x00", re.DOTALL)
_SEQUENCE = b"\x30"


def _without(found: re.Match[bytes]) -> bytes:
    return _sequence(found[1])


def without_null(der: bytes) -> bytes:
    """The certificate without these two NULLs; as it is where it has none, or is not DER."""
    try:
        start, end = _content(der, 0)
        inner, behind = _content(der, start)
    except IndexError:
        return der
    signed, count = _WITH_NULL.subn(_without, der[inner:behind], count=1)
    rest, outside = _WITH_NULL.subn(_without, der[behind:end], count=1)
    return _sequence(_sequence(signed) + rest) if count and outside else der


def _content(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of a value begins and ends (X.690 8.1.3). IndexError beyond the end."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(der[start : start + octets], "big")
        start += octets
    return start, start + length


def _sequence(content: bytes) -> bytes:
    """X.690 8.1.3, 10.1: the length in as few octets as it takes."""
    length = len(content)
    if length < 0x80:
        return _SEQUENCE + bytes([length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return _SEQUENCE + bytes([0x80 | len(octets)]) + octets + content
