"""Logins through countries whose metadata is fetched: while their keys change, and while they are suspended."""

import json
import logging
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from broker.deciding import decide, set_state
from broker.parties import Country, Parties
from certs import keyring
from certs.keys import State, Use
from eidas.algorithms import STRICT
from eidas.keys import LocalSigner
from metadata.ledger.kinds import IN_FORCE, WAITING
from metadata.trust.links import Policy, read_anchor
from tests.broker.foreign import EUROPEAN_SERVICES, Abroad, proxy_metadata
from tests.broker.world import PROVIDERS
from tests.eidas.parts import certificate_of
from tests.metadata.authorities import holder, published

ANCHOR = holder("Greek metadata")
ADDRESS = "https://node.el.example/metadata"


class Fetching(Abroad):
    """An instance that fetches Greece's metadata; `auto` is whether an anchor suffices for news."""

    def __init__(self, folder, auto: bool) -> None:
        country = Country(
            code="EL",
            proxy=None,
            compatibility=STRICT,
            sources={"proxy": ADDRESS},
            anchors=(read_anchor("EL", ANCHOR.der),),
            policy=Policy("EL"),
            updates="auto" if auto else "approve",
        )
        super().__init__(folder, parties=Parties(EUROPEAN_SERVICES, PROVIDERS, {"EL": country}))
        self.base = self.settings
        self.greece = self.nodes["EL"]

    @property
    def house(self):
        return self.app.extensions["passerelle"]

    def publish(self, *more: LocalSigner) -> bytes:
        """Greece publishes the key that it signs with, and others."""
        text = proxy_metadata(self.greece).decode()
        end = text.index("<md:NameIDFormat>")
        own = text[text.index("<md:KeyDescriptor") : end]
        first = b64encode(self.greece.signer.certificate).decode()
        added = "".join(own.replace(first, b64encode(one.certificate).decode()) for one in more)
        self.published[ADDRESS] = published(ANCHOR, data=(text[:end] + added + text[end:]).encode())
        return self.published[ADDRESS]

    def refresh(self) -> None:
        """What is published is fetched, and every worker has noticed what came of it."""
        rooms = self.house()
        rooms.refresher.refresh(rooms.settings, at_once=True)
        self.notice()

    def notice(self) -> None:
        """A worker looks whether something has changed, which it does once a second."""
        self.house._rooms = self.house._built(self.base)

    def said(self, type_: str):
        return self.house().ledger.standing().get((type_, "EL/proxy"))

    def approve(self) -> None:
        waiting = self.said(WAITING)
        decide(self.house().ledger, self.store, "EL/proxy", waiting.after, "approved", "Camille", "phone", 1, self.clock())
        self.notice()


def new_key() -> LocalSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    return LocalSigner(key, SHA256(), certificate_of(key))


@pytest.fixture
def asking(tmp_path):
    """Greece, approved."""
    world = Fetching(tmp_path, auto=False)
    world.publish()
    world.refresh()
    world.approve()
    return world


@pytest.fixture
def automatic(tmp_path):
    """Greece, whose anchor suffices."""
    world = Fetching(tmp_path, auto=True)
    world.publish()
    world.refresh()
    return world


def finishes(world, traveller, fields) -> bool:
    """Whether the login of somebody who stands in Greece comes to the page that shows what will be sent."""
    back = traveller.come_back(world.greece.answer(world, fields))
    return back.location.startswith("/confirmer")


def test_nobody_goes_to_a_country_before_its_metadata_was_approved(tmp_path):
    world = Fetching(tmp_path, auto=False)
    world.publish()
    world.refresh()
    page = world.traveller().to_countries()
    assert ('value="EL"' in page.text, "data-testid" in page.text) == (False, True)
    assert world.traveller().pick(world.traveller().to_countries()).status_code >= 300


def test_a_login_works_by_fetched_metadata(asking):
    assert asking.traveller().received()["given_name"] == "Aristotelis"


def test_no_login_is_lost_while_a_country_changes_its_key_with_notice(asking):
    old, new = asking.greece.signer, new_key()
    in_flight = [asking.traveller() for _ in range(4)]
    asked = [traveller.depart() for traveller in in_flight]
    done = []

    asking.publish(new)  # both keys, still signing with the old one
    asking.refresh()
    assert asking.said(WAITING).facts["news"] == "keys"
    done.append(finishes(asking, in_flight[0], asked[0]))

    asking.approve()
    done.append(finishes(asking, in_flight[1], asked[1]))

    asking.greece.signer = new  # signing with the new key
    done.append(finishes(asking, in_flight[2], asked[2]))

    asking.publish()  # the old key is withdrawn
    late = asking.traveller()
    late_asked = late.depart()
    asking.greece.signer = old
    answer = asking.greece.answer(asking, late_asked)
    asking.greece.signer = new
    asking.refresh()
    done.append(late.come_back(answer).location.startswith("/confirmer"))
    assert done == [True] * 4


def test_the_former_key_counts_no_longer_when_its_time_is_over(asking):
    old, new = asking.greece.signer, new_key()
    asking.publish(new)
    asking.refresh()
    asking.approve()
    asking.greece.signer = new
    asking.publish()
    asking.refresh()
    asking.greece.signer = old
    asking.clock.advance(30 * 60)
    traveller = asking.traveller()
    assert not finishes(asking, traveller, traveller.depart())


def test_a_key_that_changed_during_a_login_is_looked_for_where_an_anchor_suffices(automatic):
    traveller = automatic.traveller()
    fields = traveller.depart()
    automatic.greece.signer = new_key()
    automatic.publish()
    assert finishes(automatic, traveller, fields)


def test_who_comes_back_in_the_same_moment_with_the_key_that_was_just_found_is_not_lost(automatic):
    travellers = [automatic.traveller() for _ in range(3)]
    asked = [traveller.depart() for traveller in travellers]
    automatic.greece.signer = new_key()
    automatic.publish()
    assert [finishes(automatic, *one) for one in zip(travellers, asked, strict=True)] == [True] * 3


def test_where_a_person_must_approve_it_an_unknown_key_is_refused_and_waits(asking):
    traveller = asking.traveller()
    fields = traveller.depart()
    asking.greece.signer = new_key()
    asking.publish()
    assert not finishes(asking, traveller, fields)
    assert asking.said(WAITING).facts["news"] == "keys"


def test_unknown_keys_are_looked_for_once_a_minute(automatic):
    for expected in (True, False):
        traveller = automatic.traveller()
        fields = traveller.depart()
        automatic.greece.signer = new_key()
        automatic.publish()
        assert finishes(automatic, traveller, fields) is expected
    automatic.clock.advance(60)
    traveller = automatic.traveller()
    assert finishes(automatic, traveller, traveller.depart())


def test_a_suspended_country_is_not_offered_and_answers_from_it_do_not_count(asking):
    traveller = asking.traveller()
    fields = traveller.depart()
    set_state(asking.house().ledger, asking.store, "EL", "suspended", "Camille", "stolen key", asking.clock())
    asking.notice()
    assert 'value="EL"' not in asking.traveller().to_countries().text
    assert not finishes(asking, traveller, fields)


def test_each_login_says_by_which_metadata_it_was_proven(asking, caplog):
    document = asking.said(IN_FORCE).after
    with caplog.at_level(logging.INFO, "passerelle.journal"):
        asking.traveller().received()
    events = [json.loads(one.message) for one in caplog.records if one.name == "passerelle.journal"]
    assert {one["event"]: one["metadata"] for one in events if "metadata" in one} == {
        "country.asked": document,
        "country.vouched": document,
    }


def test_the_country_reads_how_we_see_it(tmp_path):
    world = Fetching(tmp_path, auto=False)
    world.publish()
    before = world.browser().get("/eidas?lang=en").text
    assert ("none of its metadata is in force" in before, "last fetched on" in before) == (True, False)
    world.refresh()
    world.approve()
    after = world.browser().get("/eidas?lang=en").text
    assert ("its metadata counts until" in after, "last fetched on" in after) == (True, True)
    world.published[ADDRESS] = b"<html/>"
    world.refresh()
    assert "what is wrong with it" in world.browser().get("/eidas?lang=en").text


def test_our_own_keys_change_while_citizens_are_abroad_and_no_login_is_lost(asking):
    traveller = asking.traveller()
    fields = traveller.depart()
    answer = asking.greece.answer(asking, fields)  # encrypted for the key that we publish today
    keys = asking.settings.secrets_folder / "keys"
    for use in (Use.SAML_DECRYPTION, Use.SAML_SIGNING):
        (stated,) = keys.glob(f"{use}-*.toml")
        stated.write_text(stated.read_text("utf-8").replace("active", "retiring"), "utf-8")
        keyring.new_key(keys, use, "P-256", State.ACTIVE, asking.clock(), "connexion.example")
    asking.notice()
    assert traveller.come_back(answer).location.startswith("/confirmer")
    later = asking.traveller()
    assert finishes(asking, later, later.depart())
