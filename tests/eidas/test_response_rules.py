"""Each rule of a Response, broken alone before the message is signed."""

from dataclasses import replace

import pytest

from eidas import assertion
from eidas.vocabulary import TRANSIENT
from tests.eidas.exchange import ACS, ENVELOPE, STATEMENT, doubling, dropping, read, saying, setting
from tests.eidas.exchange import response as made
from tests.eidas.rules import refused_by


def renamed(root):
    root.tag = root.tag.replace("Response", "ArtifactResponse")
    for child in list(root)[2:]:
        root.remove(child)


MESSAGE = {
    "another message": (renamed, "check_root"),
    "another issuer": (saying("saml2:Issuer", "https://other.example"), "check_issuer"),
    "no issuer": (dropping("saml2:Issuer"), "check_issuer"),
    "an issuer of another kind": (setting("saml2:Issuer", "Format", TRANSIENT), "check_issuer"),
    "version 1": (setting(".", "Version", "1.1"), "check_version"),
    "another destination": (setting(".", "Destination", f"{ACS}/"), "check_destination"),
    "no destination": (setting(".", "Destination", None), "check_destination"),
    "for another session": (setting(".", "InResponseTo", "_another"), "check_in_response_to"),
    "unsolicited": (setting(".", "InResponseTo", None), "check_in_response_to"),
    "stale": (setting(".", "IssueInstant", "2026-01-01T00:00:00Z"), "check_instant"),
    "from the future": (setting(".", "IssueInstant", "2027-01-01T00:00:00Z"), "check_instant"),
    "no assertion": (dropping("saml2:EncryptedAssertion"), "check_one_encrypted"),
    "two assertions": (doubling("saml2:EncryptedAssertion"), "check_one_encrypted"),
    "no status": (dropping("samlp:Status"), "check_schema"),
    "an ID that is none": (setting(".", "ID", "1 2"), "check_schema"),
}


@pytest.mark.parametrize("name", MESSAGE)
def test_a_rule_of_the_message_that_is_broken_alone_fires(name):
    change, rule = MESSAGE[name]
    assert refused_by(lambda: read(made(on_response=change))) == rule


def test_an_assertion_that_is_not_encrypted_is_refused():
    assert refused_by(lambda: read(made(encrypt=False))) == "check_one_encrypted"


def plain_beside(root):
    root.append(assertion.written(ENVELOPE, replace(STATEMENT, assertion_id="_plain-0123456789")))


def test_a_plain_assertion_beside_an_encrypted_one_is_refused():
    assert refused_by(lambda: read(made(on_response=plain_beside))) == "check_one_encrypted"
