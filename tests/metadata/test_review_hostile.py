"""What others publish does not stop an auditor from reading: whatever is in a document, the rows are there."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.review.algorithms import algorithms
from metadata.review.endings import certificate_until, expiring
from metadata.review.nodes import trusted
from metadata.review.remarks import remarks
from tests.eidas.parts import certificate_of, private_key
from tests.metadata import past as p
from tests.metadata import versions as v
from tests.metadata.past import DOCUMENT, NOW, past
from tests.metadata.versions import listed, signed, version

DER = certificate_of(private_key("secp256r1"))
VERSION = bytes.fromhex("a003020102")


def read(octets: bytes) -> int:
    """Everything that is read of a node; how many rows the matrix has."""
    made = past([(0, p.in_force(octets))])
    nodes = trusted(made.entries, NOW, made.blob)
    expiring(made.entries, NOW, NOW, made.blob)
    remarks(made.entries, NOW, nodes)
    return len(algorithms(made.entries, NOW, made.blob))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(DOCUMENT)), st.integers(0, 60), st.binary(max_size=12))
def test_a_document_with_something_else_in_it_is_a_row(start: int, count: int, other: bytes):
    assert read(DOCUMENT[:start] + other + DOCUMENT[start + count :]) == 1


def of_version(number: int) -> bytes:
    """A certificate of another version, which the library refuses in a way of its own."""
    assert VERSION in DER
    return DER.replace(VERSION, VERSION[:-1] + bytes([number]), 1)


HOSTILE = {
    "a certificate of version 5": version((v.SIGNING, v.key("signing", b64encode(of_version(4)).decode()))),
    "an empty certificate": version((v.SIGNING, v.key("signing", ""))),
    "a certificate cut short": version((v.SIGNING, v.key("signing", b64encode(DER[:90]).decode()))),
    "a method without a name": version((v.GCM, v.method(""))),
    "the node twice, signed in two ways": listed(signed(version()), signed(version(), "secp384r1")),
    "validUntil that is none": version((v.UNTIL, 'validUntil="9999-99-99T99:99:99Z"')),
    "no octets": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_a_row(name: str):
    assert read(HOSTILE[name]) == 1


def test_a_moment_of_the_ledger_that_is_none_is_over():
    made = past([(0, p.in_force(valid_until="9999-99-99T99:99:99Z"))])
    (node,) = trusted(made.entries, NOW, made.blob)
    assert (node.valid_until, str(node.state)) == (0, "expired")


@pytest.mark.parametrize("der", [b"", b"\x30", DER[:90], of_version(4)], ids=["empty", "octet", "cut", "version"])
def test_a_certificate_that_no_reader_takes_has_no_end(der: bytes):
    assert certificate_until(der) is None
    assert certificate_until(DER) is not None
