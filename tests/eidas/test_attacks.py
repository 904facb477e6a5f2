"""Every attack of the folder `attacks` is refused by the rule that is there for it, and never yields the evil person."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from eidas import response
from eidas.attributes import PERSON_IDENTIFIER
from eidas.certificates import read_certificate
from eidas.keys import LocalDecrypter
from eidas.vocabulary import LOA_SUBSTANTIAL
from tests.eidas.exchange import REQUEST, expected
from tests.eidas.rules import refused_by

FOLDER = Path(__file__).parent / "attacks"
EXPECT = tomllib.loads((FOLDER / "expect.toml").read_text("utf-8"))
PEM = (FOLDER / "keys.pem").read_bytes()
KEYS = [LocalDecrypter(load_pem_private_key(PEM, None))]
THEIRS = read_certificate(load_pem_x509_certificate(PEM).public_bytes(Encoding.DER))
ASKED = replace(REQUEST, levels=(LOA_SUBSTANTIAL,))


def read(name):
    """A file as our Connector reads it."""
    return response.read_response((FOLDER / name).read_bytes(), expected(keys=(THEIRS,), request=ASKED), KEYS)


@pytest.mark.parametrize("name", [name for name, rule in EXPECT.items() if rule])
def test_an_attack_is_refused_by_its_own_rule(name):
    assert refused_by(lambda: read(name)) == EXPECT[name]


@pytest.mark.parametrize("name", [name for name, rule in EXPECT.items() if not rule])
def test_what_does_no_harm_says_what_was_signed(name):
    assert read(name).attributes[PERSON_IDENTIFIER].latin == "EL/FR/Ab-12.34"


def test_every_file_has_an_expectation_and_there_are_forty_five_at_least():
    assert {path.name for path in FOLDER.glob("*.xml") if not path.name.startswith("request-")} == set(EXPECT)
    assert len(EXPECT) >= 45


def test_an_oversized_message_is_not_read():
    octets = (FOLDER / "unsigned.xml").read_bytes() + b" " * 131_072
    assert refused_by(lambda: response.read_response(octets, expected(keys=(THEIRS,)), KEYS)) == "check_size"
