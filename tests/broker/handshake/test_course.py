"""The steps of a handshake: each with its defect, what is said to whom, and that nothing is claimed behind a wrong one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from broker.fetch import FetchFailed
from broker.handshake.course import _STEPS
from eidas import xml
from metadata.trust.links import Policy, read_anchor
from oidc.messages import HttpResponse
from tests.broker.fetched import ANCHOR, STRANGER
from tests.broker.handshake.meetings import (
    XML,
    Handshaking,
    connector_document,
    first_wrong,
    pin,
    verdicts,
)
from tests.eidas.parts import certificate_of, private_key
from tests.metadata.authorities import DAY, authority, holder, published, signer, unsigned

CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
AUTHORITY = authority("Greek authority")


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    return Handshaking(tmp_path)


def edited(*edits: tuple[str, str]) -> Callable[[Handshaking], None]:
    """The Proxy-Service with texts replaced before it is signed."""

    def act(shaking: Handshaking) -> None:
        shaking.publisher.edits.extend(edits)
        shaking.gives(shaking.publisher.document())

    return act


def connector(*edits: tuple[str, str], methods: tuple[str, ...] = ()) -> Callable[[Handshaking], None]:
    """The Connector with texts replaced."""
    return lambda shaking: shaking.gives(connector_document(shaking, *edits, methods=methods), "connector")


def octets(change: Callable[[bytes], bytes]) -> Callable[[Handshaking], None]:
    """The Proxy-Service changed after it was signed."""
    return lambda shaking: shaking.gives(change(shaking.publisher.document()))


def unreached(kind: str, detail: str = "") -> Callable[[Handshaking], None]:
    def act(shaking: Handshaking) -> None:
        shaking.probed = FetchFailed(kind, "node.el.example", detail)

    return act


def lost(kind: str) -> Callable[[Handshaking], None]:
    def fail(_request: object) -> HttpResponse:
        raise FetchFailed(kind, "node.el.example")

    return lambda shaking: shaking.answers(fail)


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[Handshaking], None]:
    return lambda shaking: shaking.answers(lambda _: HttpResponse(status, headers, body))


def anchored(*holders: object, **policy: object) -> Callable[[Handshaking], None]:
    """Other anchors, and another policy."""

    def act(shaking: Handshaking) -> None:
        anchors = tuple(read_anchor("EL", one.der) for one in holders)  # type: ignore[attr-defined]
        shaking.change(anchors=anchors, policy=Policy("EL", **policy))  # type: ignore[arg-type]
        shaking.gives(shaking.publisher.document())

    return act


def signed(by: object, *anchors: object) -> Callable[[Handshaking], None]:
    """Signed by somebody, where these are the anchors."""

    def act(shaking: Handshaking) -> None:
        shaking.publisher.by = by  # type: ignore[assignment]
        anchored(*anchors)(shaking)

    return act


def unlisted(shaking: Handshaking) -> None:
    shaking.change(sources={"proxy": "list"})


def weak_key(shaking: Handshaking) -> None:
    shaking.publisher.signing = [private_key("rsa2048")]
    shaking.gives(shaking.publisher.document())


def weak_encryption(shaking: Handshaking) -> None:
    own = xml.encoded(certificate_of(shaking.connector.decryption))
    connector((own, xml.encoded(certificate_of(private_key("rsa2048")))))(shaking)


def one_key_for_both(shaking: Handshaking) -> None:
    own = xml.encoded(certificate_of(shaking.connector.decryption))
    connector((own, xml.encoded(shaking.connector.signer.certificate)))(shaking)


def expired(shaking: Handshaking) -> None:
    shaking.publisher.days = -3
    shaking.gives(shaking.publisher.document())


def without_role(shaking: Handshaking) -> None:
    shaking.base = replace(shaking.base, node=replace(shaking.base.node, roles=("proxy",)))
    shaking.gives(shaking.publisher.document())


NO_LEVELS = [(f"/LoA/{one}<", f"-LoA-{one}<") for one in ("low", "substantial", "high")]
NO_COUNTRY = (("<eidas:NodeCountry", '<x:a xmlns:x="urn:x"'), ("</eidas:NodeCountry>", "</x:a>"))
NAMED = ('entityID="https://node.el.example/metadata"', 'entityID="https://x.example/"')
IN_PLAIN = ("https://node.el.example/sso", "http://node.el.example/sso")
TOO_FEW = ("naturalperson/DateOfBirth", "naturalperson/Other")
NO_DEFAULT = ((' isDefault="true"', ""), ("HTTP-POST", "HTTP-Artifact"))
SUCCESSOR = signer("Greek metadata", AUTHORITY)
OVER = holder("Greek metadata of once", start=-400 * DAY, end=-DAY)
DEFECTS: dict[str, tuple[str, Callable[[Handshaking], None], str, str]] = {
    "no list has it": ("proxy", unlisted, "network", "no list that counts"),
    "a name without address": ("proxy", unreached("dns"), "network", "node.el.example has no address"),
    "nobody listens": ("proxy", unreached("refused"), "network", "nobody accepts"),
    "it hangs": ("proxy", unreached("timeout"), "network", "does not answer in time"),
    "its certificate": ("proxy", unreached("tls", "certificate has expired"), "network", "certificate has expired"),
    "a private network": ("proxy", unreached("private-address"), "network", "private network"),
    "plain HTTP": ("proxy", unreached("scheme"), "network", "not https"),
    "the connection breaks": ("proxy", lost("protocol"), "document", "not plain HTTP"),
    "it drips": ("proxy", lost("timeout"), "document", "does not answer in time"),
    "it is endless": ("proxy", lost("too-large"), "document", "too large"),
    "it is huge": ("proxy", answering(200, b" " * 1_048_577, **{"content-type": XML}), "document", "too large"),
    "it is not there": ("proxy", answering(404), "document", "it answers 404"),
    "it redirects": ("proxy", answering(302, location="https://el.example/"), "document", "it redirects"),
    "it says that we have it": ("proxy", answering(304), "document", "304"),
    "nothing": ("proxy", answering(200), "form", ""),
    "a web page": ("proxy", answering(200, b"<!DOCTYPE html><html></html>"), "form", "a web page"),
    "an entity": ("proxy", octets(lambda one: b'<!DOCTYPE x [<!ENTITY a "b">]>' + one), "form", "document type"),
    "cut short": ("proxy", octets(lambda one: one[:-40]), "form", "XML"),
    "not valid": ("proxy", edited(("<md:NameIDFormat>", "<md:NameIDFormat a='b'>")), "form", "schemas"),
    "another document": ("proxy", answering(200, b"<a/>"), "form", ""),
    "not signed": ("proxy", octets(unsigned), "signature", "0 signatures"),
    "changed afterwards": ("proxy", octets(lambda one: one.replace(b"support@", b"attacker@")), "signature", ""),
    "no anchor": ("proxy", anchored(), "signature", "nobody vouches"),
    "a stranger": ("proxy", signed(STRANGER, ANCHOR), "signature", "leads to none of our anchors"),
    "a successor": ("proxy", signed(SUCCESSOR, ANCHOR), "signature", "leads to none of our anchors"),
    "an expired certificate": ("proxy", signed(OVER, OVER), "signature", "has expired"),
    "another country": ("proxy", edited((">EL</eidas:NodeCountry>", ">BG</eidas:NodeCountry>")), "role", "is of BG"),
    "no country": ("proxy", edited(*NO_COUNTRY), "role", "of which country"),
    "another name": ("proxy", edited(NAMED), "role", "instead of"),
    "the other role": ("proxy", lambda shaking: shaking.gives(connector_document(shaking)), "role", "0 entities"),
    "unsigned requests": ("proxy", edited(('WantAuthnRequestsSigned="true"', "")), "role", "WantAuthnRequestsSigned"),
    "another version": ("proxy", edited((">1.4<", ">0.9<"), (">1.2<", ">0.8<")), "role", "version"),
    "expired": ("proxy", expired, "validity", "has expired: it counted until 2026-09-18"),
    "for ever": ("proxy", edited((" validUntil=", " ID=")), "validity", "does not say until when"),
    "no level": ("proxy", edited(*NO_LEVELS), "levels", "no level that counts"),
    "a short key": ("proxy", weak_key, "keys", "weaker"),
    "a key for anything": ("proxy", edited((' use="signing"', "")), "keys", "whether it signs"),
    "a short key for encryption": ("connector", weak_encryption, "encryption", "weaker"),
    "one key for both": ("connector", one_key_for_both, "encryption", "signing and for encryption"),
    "a method that is weak": ("connector", connector(methods=(CBC,)), "encryption", "no key for encryption is offered"),
    "no default": ("connector", connector(*NO_DEFAULT), "endpoints", "AssertionConsumerService"),
    "an address in plain HTTP": ("proxy", edited(IN_PLAIN), "endpoints", "https"),
    "an attribute too few": (
        "proxy",
        edited(("naturalperson/DateOfBirth", "naturalperson/Other")),
        "attributes",
        "minimum data set",
    ),
    "we have no such role": ("proxy", without_role, "trial", "no Connector"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_at_its_step(shaking: Handshaking, name: str):
    role, spoil, step, words = DEFECTS[name]
    spoil(shaking)
    steps = shaking.steps(role)
    assert (first_wrong(steps), words in steps[step].found) == (step, True), steps[step]


@pytest.mark.parametrize("name", DEFECTS)
def test_a_wrong_step_has_a_sentence_for_each_side(shaking: Handshaking, name: str):
    role, spoil, step, _ = DEFECTS[name]
    spoil(shaking)
    wrong = shaking.steps(role)[step]
    assert min(map(len, wrong.ours)) > 10
    assert min(map(len, wrong.theirs)) > 10
    assert not any("{" in sentence for sentence in (*wrong.ours, *wrong.theirs, wrong.found))


@pytest.mark.parametrize("name", DEFECTS)
def test_nothing_is_claimed_behind_a_step_that_is_wrong(shaking: Handshaking, name: str):
    role, spoil, step, _ = DEFECTS[name]
    spoil(shaking)
    steps, lost_steps = shaking.steps(role), {step}
    for part in _STEPS:
        if lost_steps.intersection(part.needs) and part.name in steps:
            lost_steps.add(part.name)
            assert (steps[part.name].verdict, steps[part.name].facts, steps[part.name].theirs) == ("not run", (), ())


def test_what_is_not_run_names_the_step_that_is_to_blame(shaking: Handshaking):
    shaking.gives(published(STRANGER))
    assert {step.found for step in shaking.steps().values() if step.verdict == "not run"} >= {"needs step 4, signature"}
    assert not any("needs step 5" in step.found for step in shaking.steps().values())


@pytest.mark.parametrize("name", DEFECTS)
def test_what_would_be_refused_is_wrong_at_some_step_before(shaking: Handshaking, name: str):
    role, spoil, _, _ = DEFECTS[name]
    spoil(shaking)
    steps = shaking.steps(role)
    before = {one: step.verdict for one, step in steps.items() if list(steps).index(one) < list(steps).index("change")}
    if "would be refused" in steps["change"].found:
        assert "wrong" in before.values()


@pytest.mark.parametrize("role", ["proxy", "connector"])
def test_a_country_in_order_has_no_wrong_step(shaking: Handshaking, role: str):
    shaking.gives(shaking.publisher.document())
    shaking.gives(connector_document(shaking), "connector")
    found = verdicts(shaking.steps(role))
    assert "wrong" not in found.values()
    assert [name for name, verdict in found.items() if verdict == "not run"] == ["login"]


def test_nothing_is_written(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    before = shaking.store.generation()
    shaking.steps()
    assert (shaking.types(), shaking.store.generation()) == ([], before)


def test_only_the_metadata_is_asked_for_and_once(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    shaking.steps()
    assert [(one.method, one.url, one.body) for one in shaking.server.asked] == [("GET", shaking.address, b"")]


def test_a_country_without_an_address_is_asked_for_nothing(shaking: Handshaking):
    unlisted(shaking)
    shaking.steps()
    assert shaking.server.asked == []


def test_a_pinned_file_takes_the_place_of_fetching(shaking: Handshaking):
    pin(shaking, shaking.publisher.document(), anchors=())
    steps = shaking.steps()
    assert list(steps)[:2] == ["document", "form"]
    assert (first_wrong(steps), "SHA-256 of the file" in steps["signature"].found) == ("", True)
    assert shaking.server.asked == []


def test_a_pinned_file_that_an_anchor_must_vouch_for_is_refused_when_a_stranger_signed_it(shaking: Handshaking):
    pin(shaking, published(STRANGER))
    assert first_wrong(shaking.steps()) == "signature"


def test_a_defect_in_the_way_is_no_reason_to_ask_less_of_the_form(shaking: Handshaking):
    shaking.gives(published(STRANGER))
    steps = shaking.steps()
    assert (steps["signature"].verdict, steps["conformance"].verdict != "not run") == ("wrong", True)
