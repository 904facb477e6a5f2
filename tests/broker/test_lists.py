"""Countries whose addresses and anchors are what a signed list says."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from broker.sources import NotListed, place_of
from eidas import signature, xml
from eidas.keys import LocalSigner
from metadata.ledger.kinds import ANCHOR, IN_FORCE, LIST
from metadata.mdsl import read_list
from metadata.review import standing
from metadata.trust.links import Policy, read_anchor
from tests.broker.fetched import ANCHOR as OF_GREECE
from tests.broker.fetched import STRANGER, Trusting, digest
from tests.eidas.parts import NS
from tests.metadata.authorities import DAY, NOW, holder
from tests.metadata.test_mdsl import EPT, keys, location, part, whole

LISTS = holder("List of all countries")
ADDRESS = "https://lists.example/mdsl.xml"


def endpoint(name: str, kind: str = "ProxyService", more: str = "") -> str:
    return f'<ser:Endpoint xmlns:x="urn:x" EndpointType="{EPT}/{kind}" EntityID="{name}" {more}/>'


def of_greece(address: str, name: str, anchor=OF_GREECE) -> str:
    """Greece's part of a list."""
    certificate = keys(
        anchor.pem.decode().replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
    )
    return part(location(address, endpoint(name) + certificate))


@pytest.fixture
def listed(tmp_path):
    """An instance that looks Greece up in a list."""
    trusting = Trusting(tmp_path, auto=True)
    trusting.change(sources={"proxy": "list"}, anchors=())
    trust = replace(
        trusting.base.trust, lists=(ADDRESS,), list_anchors=(read_anchor("EU", LISTS.der),), list_policy=Policy("EU")
    )
    trusting.base = replace(trusting.base, trust=trust)
    return trusting


def signed(octets: bytes, by) -> bytes:
    """A list that a key signed; its signature comes last."""
    root = xml.parse(octets)
    signature.sign(root, LocalSigner(by.private, SHA256(), by.der))
    root.append(root.find("ds:Signature", NS))
    return xml.write(root)


def publish(trusting, octets: bytes) -> None:
    trusting.server.gives(ADDRESS, octets)


def in_order(trusting, by=LISTS, anchor=OF_GREECE, where: str = "https://cdn.example/el.xml") -> None:
    """The list gives Greece's address, which is not its name, and its anchor."""
    publish(trusting, signed(whole(of_greece(where, trusting.address, anchor)), by))
    trusting.server.gives(where, trusting.publisher.document())


def words(trusting) -> list[str]:
    return [one.word for one in trusting.refresher.refresh(trusting.settings, at_once=True)]


def test_a_country_is_found_and_vouched_for_by_what_the_list_says(listed):
    in_order(listed)
    assert words(listed) == ["listed", "in force"]
    assert listed.country.proxy.entity_id == listed.address
    anchors = [event for (type_, _), event in standing(listed.ledger.entries()).items() if type_ == ANCHOR]
    assert [(event.subject, event.facts["from"]) for event in anchors] == [(f"EL/{digest(OF_GREECE.der)}", "list")]


@pytest.mark.parametrize("by", [STRANGER, OF_GREECE], ids=["a stranger", "one of its countries"])
def test_a_list_that_its_anchor_has_not_signed_gives_nothing(listed, by):
    in_order(listed, by=by)
    assert words(listed) == ["refused", "failed"]
    assert LIST not in listed.types()


def test_a_list_that_is_refused_leaves_the_last_one(listed):
    in_order(listed)
    words(listed)
    publish(listed, b"<html/>")
    assert words(listed)[0] == "refused"
    assert listed.country.proxy is not None


def test_a_node_whose_anchor_is_not_the_lists_is_refused(listed):
    in_order(listed, anchor=STRANGER)
    assert words(listed) == ["listed", "refused"]


def test_an_anchor_that_the_list_gives_no_more_vouches_for_nobody(listed):
    in_order(listed)
    words(listed)
    in_order(listed, anchor=STRANGER)
    words(listed)
    assert listed.country.proxy is None
    anchors = [key[1] for key in standing(listed.ledger.entries()) if key[0] == ANCHOR]
    assert anchors == [f"EL/{digest(STRANGER.der)}"]


def test_an_older_list_does_not_come_back(listed):
    where = "https://cdn.example/el.xml"
    in_order(listed)
    words(listed)
    publish(listed, signed(whole(of_greece(where, listed.address, STRANGER), issued=NOW - 30 * DAY), LISTS))
    assert words(listed)[0] == "refused"
    assert listed.country.proxy is not None


def test_a_country_that_no_list_has_is_told(listed):
    publish(listed, signed(whole(part(location(), territory="DE")), LISTS))
    outcome = listed.refresher.refresh(listed.settings, at_once=True)[-1]
    assert (outcome.subject, outcome.word, outcome.detail) == (
        "EL/proxy",
        "failed",
        "no list that counts has a proxy of EL",
    )


def test_two_lists_are_asked_in_turn(listed):
    other = "https://other.example/mdsl.xml"
    listed.base = replace(listed.base, trust=replace(listed.base.trust, lists=(other, ADDRESS)))
    in_order(listed)
    assert words(listed) == ["failed", "listed", "in force"]


def of(*parts: str):
    return [read_list(whole(*parts), NOW)]


def test_a_location_without_endpoints_has_whatever_is_there(listed):
    place = place_of(listed.country, "proxy", of(part(location("https://el.example/all", ""))))
    assert (place.address, place.name) == ("https://el.example/all", "")


@pytest.mark.parametrize(
    "inner",
    [endpoint("https://el.example/c", "Connector"), endpoint("https://el.example/p", more='Suspend="true"')],
    ids=["another role", "suspended"],
)
def test_a_node_that_the_list_does_not_give_is_not_fetched(listed, inner):
    with pytest.raises(NotListed):
        place_of(listed.country, "proxy", of(part(location("https://el.example/p", inner))))


def test_what_the_list_gave_is_proven_again_by_todays_anchors(listed):
    in_order(listed)
    words(listed)
    listed.base = replace(listed.base, trust=replace(listed.base.trust, list_anchors=(read_anchor("EU", STRANGER.der),)))
    assert listed.country.proxy is None
    assert listed.said(IN_FORCE) is not None
