"""Signers of metadata that were revoked: noticed when the document comes, and when nothing new came."""

from dataclasses import replace

import pytest
from cryptography import x509

from broker.fetch import FetchFailed
from broker.parties import Parties
from broker.revoking import AGAIN
from metadata.ledger.kinds import IN_FORCE, REFUSED
from metadata.trust.links import Policy, read_anchor
from oidc.messages import HttpResponse
from tests.broker.fetched import Trusting
from tests.broker.foreign import Node, proxy_metadata
from tests.metadata.authorities import DAY, authority, published, revoked, signer

WHERE = "http://crl.node.el.example/root.crl"
NAMED = x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier(WHERE)], None, None, None)])
ROOT, EVIL = authority("Greek authority"), authority("Somebody else")
SIGNER = signer("Greek signer", ROOT, more=[(NAMED, False)], serial=77)
UNCHECKED = "revocation not checked: CN=Greek signer"


@pytest.fixture
def trusting(tmp_path):
    """Greece, whose signer's certificate names a list of revoked ones."""
    made = Trusting(tmp_path, auto=True)
    made.change(anchors=(read_anchor("EL", ROOT.der),))
    made.publisher.by = SIGNER
    made.publish()
    return made


def lists(trusting, octets: bytes) -> None:
    trusting.server.gives(WHERE, octets)


def asked(trusting) -> int:
    return sum(one.url == WHERE for one in trusting.server.asked)


def test_a_list_without_the_signer_lets_him_count(trusting):
    lists(trusting, revoked(ROOT, 1, end=7 * DAY))
    outcome = trusting.refresh()
    assert (outcome.word, outcome.detail) == ("in force", "")


def test_a_revoked_signer_does_not_count(trusting):
    lists(trusting, revoked(ROOT, 77))
    outcome = trusting.refresh()
    assert (outcome.word, outcome.detail) == ("refused", "the certificate CN=Greek signer is revoked")
    assert trusting.country.proxy is None


@pytest.mark.parametrize("again", ["the same document", "not changed", "signed anew"])
def test_a_signer_that_is_revoked_later_counts_no_more_though_nothing_new_came(trusting, again):
    lists(trusting, revoked(ROOT, 1, end=DAY))
    trusting.refresh()
    trusting.clock.advance(DAY)
    lists(trusting, revoked(ROOT, 77, end=3 * DAY))
    if again == "not changed":
        trusting.server.pages[trusting.address] = lambda _: HttpResponse(304, {}, b"")
    if again == "signed anew":
        trusting.publish()
    assert trusting.refresh().word == "refused"
    assert (trusting.said(IN_FORCE), trusting.country.proxy) == (None, None)
    assert "revoked" in trusting.said(REFUSED).facts["reason"]


def unreachable(_):
    raise FetchFailed("timeout", "crl.node.el.example")


NO_LIST = {
    "unreachable": unreachable,
    "absent": lambda _: HttpResponse(404, {}, b""),
    "no list": lambda _: HttpResponse(200, {}, b"<html/>"),
    "another's list, that names the signer": lambda _: HttpResponse(200, {}, revoked(EVIL, 77)),
    "signed by another key": lambda _: HttpResponse(200, {}, revoked(ROOT, 77, by=EVIL.private)),
}


@pytest.mark.parametrize("name", NO_LIST)
def test_what_could_not_be_checked_is_told_and_makes_no_country_unusable(trusting, name):
    trusting.server.pages[WHERE] = NO_LIST[name]
    outcome = trusting.refresh()
    assert (outcome.word, outcome.detail) == ("in force", UNCHECKED)
    assert trusting.refresher.known(trusting.address).remarks == (UNCHECKED,)


def test_a_list_is_fetched_once_while_it_counts(trusting):
    lists(trusting, revoked(ROOT, 1, end=3 * DAY))
    for _ in range(3):
        trusting.refresh()
    assert asked(trusting) == 1
    trusting.clock.advance(DAY)
    trusting.refresh()
    assert asked(trusting) == 2


def test_an_address_that_gave_nothing_is_asked_again_after_a_while(trusting):
    trusting.server.pages[WHERE] = unreachable
    trusting.refresh()
    trusting.refresh()
    assert asked(trusting) == 1
    trusting.clock.advance(AGAIN)
    trusting.refresh()
    assert asked(trusting) == 2


def test_nobody_who_is_not_vouched_for_says_where_we_go(trusting):
    trusting.publisher.by = signer("Unknown", EVIL, more=[(NAMED, False)])
    trusting.publish()
    assert (trusting.refresh().word, asked(trusting)) == ("refused", 0)


def test_only_addresses_of_the_web_are_asked(trusting):
    names = [x509.UniformResourceIdentifier(one) for one in ("ldap://crl.example/x", "file:///etc/passwd", WHERE)]
    point = x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])
    trusting.publisher.by = signer("Signer with many", ROOT, more=[(point, False)])
    trusting.publish()
    trusting.refresh()
    assert {one.url for one in trusting.server.asked} == {trusting.address, WHERE}


def test_a_country_that_names_anothers_list_does_not_say_what_is_known_of_it(trusting):
    """Asked for in its name the list proves nothing, which must not hide it from the country that it belongs to."""
    greece = trusting.base.parties.countries["EL"]
    evil = signer("Signer of another", EVIL, more=[(NAMED, False)])
    address = "https://node.bg.example/metadata"
    other = replace(
        greece,
        code="BG",
        sources={"proxy": address},
        anchors=(read_anchor("BG", EVIL.der),),
        policy=Policy("BG"),
    )
    trusting.base = replace(trusting.base, parties=Parties({}, {}, {"BG": other, "EL": greece}))
    trusting.server.gives(address, published(evil, data=proxy_metadata(Node("BG", trusting.clock))))
    lists(trusting, revoked(ROOT, 77))
    bulgaria, greek = trusting.refresher.refresh(trusting.settings, at_once=True)
    assert (bulgaria.word, bulgaria.detail) == ("in force", "revocation not checked: CN=Signer of another")
    assert (greek.word, greek.detail) == ("refused", "the certificate CN=Greek signer is revoked")
