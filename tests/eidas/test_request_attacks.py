"""Every attack `request-…` of the folder `attacks` is refused by the rule that is there for it.

Only a request that its Connector did sign is answered; an attacker never is.
"""

import tomllib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from eidas import request
from eidas.certificates import read_certificate
from eidas.vocabulary import REQUEST_DENIED, REQUESTER
from tests.eidas.arrivals import ACCEPTED, outcome, posted, proven
from tests.eidas.exchange import connector
from tests.eidas.test_attacks import FOLDER

EXPECT = tomllib.loads((FOLDER / "request-expect.toml").read_text("utf-8"))
PEM = (FOLDER / "request-keys.pem").read_bytes()
KEYS = tuple(read_certificate(one.public_bytes(Encoding.DER)) for one in load_pem_x509_certificates(PEM))
KNOWN = connector(keys=KEYS)
ANSWERED = ("check_instant", "check_destination", "check_acs")
"""What its Connector signed, and somebody else sends later or to another place."""


def arrival(name):
    """A file as it comes: an address's query, or a message in a form."""
    octets = (FOLDER / name).read_bytes()
    return octets.decode() if name.endswith(".query") else posted(octets)


@pytest.mark.parametrize("name", [name for name, rule in EXPECT.items() if rule])
def test_an_attack_is_refused_by_its_own_rule_and_answered_only_where_a_connector_signed_it(name):
    answer = (REQUESTER, REQUEST_DENIED) if EXPECT[name] in ANSWERED else None
    assert outcome(arrival(name), KNOWN) == (EXPECT[name], answer)


@pytest.mark.parametrize("name", [name for name, rule in EXPECT.items() if not rule])
def test_what_does_no_harm_says_what_was_signed(name):
    assert outcome(arrival(name), KNOWN) == (ACCEPTED, None)
    asked = request.read_proven(proven(arrival(name), KNOWN), KNOWN).request
    assert (asked.provider_name, asked.requester_id) == ("Comune di Roma", "https://a.example/requester")


def test_every_file_has_an_expectation_and_there_are_seventy_at_least():
    found = {path.name for ending in ("xml", "query") for path in FOLDER.glob(f"request-*.{ending}")}
    assert found == set(EXPECT)
    assert len(EXPECT) >= 70


def test_an_oversized_request_is_not_read():
    octets = (FOLDER / "request-comment-in-issuer.xml").read_bytes() + b" " * 100_000
    assert outcome(posted(octets), KNOWN) == ("check_length", None)
