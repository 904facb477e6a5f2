"""Our side of a handshake: the trial message, and what the country needs of us."""

from dataclasses import replace
from pathlib import Path

import pytest

from broker.handshake import own
from certs.keyring import Keyring, load_keyring, make_missing
from certs.keys import Use, fingerprint
from eidas import xml
from tests.broker.foreign import NODE_USES
from tests.broker.handshake.meetings import Handshaking, connector_document, first_wrong
from tests.eidas.parts import NS


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    made = Handshaking(tmp_path)
    made.gives(made.publisher.document())
    made.gives(connector_document(made), "connector")
    return made


@pytest.mark.parametrize("role", ["proxy", "connector"])
def test_a_message_is_made_and_read_by_what_we_publish(shaking: Handshaking, role: str):
    step = shaking.steps(role)["trial"]
    assert (step.verdict, "sent to nobody" in step.facts[0]) == ("fine", True)


@pytest.mark.parametrize("role", ["proxy", "connector"])
def test_a_signature_by_a_key_that_we_do_not_publish_is_ours_to_mend(
    shaking: Handshaking, role: str, monkeypatch: pytest.MonkeyPatch
):
    meeting = shaking.meeting(role)
    stale = own.published(meeting)
    shaking.keyring = replace_signing(shaking)
    monkeypatch.setattr(own, "published", lambda _: stale)
    step = shaking.steps(role)["trial"]
    assert (step.verdict, step.theirs) == ("wrong", (own.OURS_ALONE,))
    assert "our own message is not right by our own metadata" in step.found


def replace_signing(shaking: Handshaking) -> Keyring:
    """Other keys of every use."""
    folder = shaking.base.folder / "others"
    folder.mkdir()
    make_missing(folder, NODE_USES, shaking.clock(), "connexion.example")
    return load_keyring(folder)


def test_a_country_that_insists_on_names_gets_a_request_that_it_takes(shaking: Handshaking):
    wanted = 'entity-category" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue>'
    value = "http://eidas.europa.eu/entity-attributes/termsofaccess/requesterid</saml2:AttributeValue></saml2:Attribute>"
    category = f'<saml2:Attribute Name="http://macedir.org/{wanted}{value}'
    shaking.publisher.edits.append(("</mdattr:EntityAttributes>", f"{category}</mdattr:EntityAttributes>"))
    shaking.gives(shaking.publisher.document())
    assert first_wrong(shaking.steps()) == ""


def test_a_suspended_country_is_tried_all_the_same(shaking: Handshaking):
    shaking.change(active=False)
    assert shaking.steps()["trial"].verdict == "fine"


@pytest.mark.parametrize(("role", "ours"), [("proxy", "Connector"), ("connector", "Proxy-Service")])
def test_what_they_need_of_us_is_the_other_role(shaking: Handshaking, role: str, ours: str):
    step = shaking.steps(role)["needs"]
    assert (step.verdict, step.facts[0].startswith(f"our {ours}: https://connexion.example/eidas/")) == ("note", True)
    (key,) = shaking.keyring.all(Use.METADATA_SIGNING)
    assert fingerprint(key.certificate) in step.facts[1]
    assert "cannot be seen from here" in step.found


def test_our_own_metadata_is_judged_too(shaking: Handshaking):
    shaking.base = replace(shaking.base, public_url="http://connexion.example")
    step = shaking.steps()["needs"]
    assert (step.verdict, step.theirs) == ("wrong", (own.OURS_ALONE,))


@pytest.mark.parametrize("step", ["trial", "needs"])
def test_a_key_that_is_missing_is_named(shaking: Handshaking, step: str):
    shaking.keyring = Keyring(())
    found = shaking.steps()[step]
    assert (found.verdict, "passerelle keys new metadata-signing" in found.found) == ("wrong", True)


def test_the_fragment_for_their_list_names_us_and_our_certificate(shaking: Handshaking):
    root = xml.parse(own.fragment(shaking.meeting()).encode())
    (key,) = shaking.keyring.all(Use.METADATA_SIGNING)
    assert root.get("Location") == "https://connexion.example/eidas/connector/metadata"
    assert xml.octets(root.find(".//ds:X509Certificate", NS)) == key.certificate


def test_nobody_is_sent_to_a_country_that_is_not_active(shaking: Handshaking):
    shaking.change(active=False)
    assert "passerelle country resume EL" in shaking.steps()["login"].found


@pytest.mark.parametrize(("role", "words"), [("proxy", "country ping EL"), ("connector", "at a service there")])
def test_a_test_login_is_left_to_a_person(shaking: Handshaking, role: str, words: str):
    step = shaking.steps(role)["login"]
    assert (step.verdict, words in step.found) == ("not run", True)
