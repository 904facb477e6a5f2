"""What the ledger is told at each start and reload, and what happens when it cannot be told."""

import hashlib
import sqlite3
import time
from dataclasses import replace

import pytest

from broker import app, node
from broker.ledger import Ledger
from broker.recording import record
from broker.sources import anchor_stated
from broker.store import open_store
from certs.keyring import load_keyring, make_missing
from certs.keys import State, Use
from metadata.ledger import Stated
from metadata.ledger.kinds import ANCHOR, CONFIGURATION, IN_FORCE, KEY, LIST, PUBLISHED, WAITING
from metadata.trust.links import read_anchor
from tests.broker.settings.instance import MAIN_FILE, Folder
from tests.broker.settings.test_countries import EL, KEPT, NODE, OCTETS, country
from tests.broker.world import Clock
from tests.metadata.authorities import authority, published, signer
from tests.metadata.past import in_force, waits

USES = (Use.OP_SIGNING, Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
DIGEST = hashlib.sha256(OCTETS).hexdigest()


class Instance(Folder):
    """An instance on disk that is a node, with a country; what it tells its ledger."""

    def __init__(self, path) -> None:
        super().__init__(path)
        self.clock = Clock()
        self.change(MAIN_FILE, "[session]", f"{NODE}\n[session]")
        self.write(KEPT, OCTETS.decode())
        self.write(EL, country())
        self.keys = path / "secrets" / "keys"
        self.keys.mkdir(mode=0o700)
        for use in USES:
            make_missing(self.keys, [use], self.clock(), "node.example", "ES256" if use is Use.OP_SIGNING else "P-256")
        self.store = open_store("memory:", self.clock)
        self.ledger = Ledger(self.store)

    def start(self, **changes) -> str:
        """The warning of a start."""
        settings, ring = replace(self.load(), **changes), load_keyring(self.keys)
        return record(self.ledger, settings, ring, node.metadata(settings, ring, self.clock), self.clock())

    def said(self) -> list[tuple[str, str]]:
        """Types and subjects of the entries."""
        return [(entry.event.type, entry.event.subject) for entry in self.ledger.entries()]

    def app(self):
        """The running application."""
        return app.create_app(self.load(), store=self.store, fetch=None, clock=self.clock, chores=False)


@pytest.fixture
def instance(tmp_path):
    return Instance(tmp_path)


def test_a_first_start_tells_of_everything(instance):
    assert instance.start() == ""
    kids = {(KEY, key.kid) for key in load_keyring(instance.keys).keys}
    assert set(instance.said()) == {(CONFIGURATION, "instance"), (IN_FORCE, "EL/proxy"), (PUBLISHED, "connector")} | kids


def test_a_second_start_has_nothing_to_tell_even_on_another_day(instance):
    instance.start()
    before = list(instance.ledger.lines())
    instance.clock.advance(2 * 86_400)
    assert (instance.start(), list(instance.ledger.lines())) == ("", before)


def test_the_metadata_of_a_country_is_kept_octet_by_octet(instance):
    instance.start()
    (event,) = [entry.event for entry in instance.ledger.entries() if entry.event.type == IN_FORCE]
    assert event.facts["entity_id"] == "https://node.el.example/metadata"
    assert instance.ledger.blob(event.facts["document"]) == OCTETS


def test_our_own_metadata_is_kept_as_it_was_published(instance):
    instance.start()
    (event,) = [entry.event for entry in instance.ledger.entries() if entry.event.type == PUBLISHED]
    assert b"https://connexion.example.fr/eidas/connector/acs" in instance.ledger.blob(event.facts["document"])


def test_a_key_in_another_state_is_told(instance):
    instance.start()
    (facts,) = instance.keys.glob("saml-decryption-*.toml")
    facts.write_text(facts.read_text().replace("active", "retiring"))
    instance.start()
    event = instance.ledger.entries()[-1].event
    assert (event.type, event.facts["use"], event.facts["state"]) == (KEY, "saml-decryption", State.RETIRING)


def test_a_key_that_is_there_no_more_is_told(instance):
    instance.start()
    kid = load_keyring(instance.keys).active(Use.OP_SIGNING).kid
    for file in instance.keys.glob("op-signing-*"):
        file.unlink()
    instance.start()
    assert [(one.event.subject, one.event.after) for one in instance.ledger.entries()][-1] == (kid, "")


def test_a_country_that_is_there_no_more_is_told(instance):
    instance.start()
    (instance.path / EL).unlink()
    instance.start()
    assert instance.said()[-2:] == [(IN_FORCE, "EL/proxy"), (CONFIGURATION, "instance")]


# -- when it cannot be told -------------------------------------------------------------------------------------------


ALTERED = "the entry was altered: the line is no entry any more"


def spoil(instance: Instance) -> None:
    """What stands there is no entry."""
    instance.store.ledger.append(0, [b"{}"], {})


def test_a_ledger_that_does_not_hold_is_a_warning(instance):
    spoil(instance)
    assert instance.start() == f"the ledger is not written: entry 0: {ALTERED}; passerelle check"


def test_a_database_that_does_not_answer_is_a_warning(instance, tmp_path):
    instance.ledger = Ledger(open_store(f"sqlite:///{tmp_path}/gone.db", instance.clock))
    with sqlite3.connect(tmp_path / "gone.db") as database:
        database.execute("DROP TABLE ledger_entries")
    assert instance.start().startswith("the ledger is not written: the database does not answer as it should")


def test_metadata_that_is_changed_after_it_was_read_is_kept_as_it_was_read(instance):
    settings, ring = instance.load(), load_keyring(instance.keys)
    instance.write(KEPT, "another file")
    assert (record(instance.ledger, settings, ring, {}, 0), instance.ledger.blob(DIGEST)) == ("", OCTETS)


def test_the_ready_instance_says_that_its_ledger_is_not_written(instance):
    spoil(instance)
    answer = instance.app().test_client().get("/readyz", base_url="https://connexion.example.fr")
    assert (answer.status_code, answer.text.splitlines()[0], "the ledger is not written" in answer.text) == (
        200,
        "ready",
        True,
    )


def test_a_reload_tells_the_ledger(instance, monkeypatch):
    made = instance.app()
    monkeypatch.setattr(app, "load", lambda _folder: replace(instance.load(), fingerprint="b" * 64))
    house = made.extensions["passerelle"]
    house().vault.store.raise_generation()
    house._looked = time.monotonic() - 2
    house()
    assert instance.ledger.entries()[-1].event.after == "b" * 64


def test_pages_read_the_ledger_of_the_instance(instance):
    rooms = instance.app().extensions["passerelle"]()
    assert rooms.ledger.standing().keys() == {(type_, subject) for type_, subject in instance.said()}


def test_a_login_writes_nothing_to_the_ledger(world):
    before = list(Ledger(world.store).lines())
    world.browser().log_in()
    assert (len(before) > 0, list(Ledger(world.store).lines()) == before) == (True, True)


# -- what is fetched --------------------------------------------------------------------------------------------------

FETCHED = (
    '[country]\ncode = "EL"\nproxy_metadata = "https://node.el.example/metadata"\nanchors = ["certs/anchors/EL.pem"]\n'
)
ROOT = authority("Greek root")


@pytest.fixture
def fetching(instance):
    """The country is fetched; its metadata is in force already."""
    instance.write("certs/anchors/EL.pem", ROOT.pem.decode())
    instance.write(EL, FETCHED)
    for one in (in_force(), waits()):
        instance.ledger.note([one], (), instance.clock())
    instance.start()
    return instance


def types(instance) -> set[tuple[str, str]]:
    return set(instance.ledger.standing())


def test_a_start_ends_nothing_that_was_fetched(fetching):
    assert {(IN_FORCE, "EL/proxy"), (WAITING, "EL/proxy")} <= types(fetching)


def test_what_was_fetched_ends_with_its_country(fetching):
    (fetching.path / EL).unlink()
    fetching.start()
    assert types(fetching) & {(IN_FORCE, "EL/proxy"), (WAITING, "EL/proxy")} == set()


def test_what_waits_ends_when_the_country_is_pinned_instead(fetching):
    fetching.write(EL, country())
    fetching.start()
    assert ((WAITING, "EL/proxy") in types(fetching), (IN_FORCE, "EL/proxy") in types(fetching)) == (False, True)


def test_anchors_are_told_with_their_certificates_and_go_with_the_configuration(fetching):
    subject = f"EL/{hashlib.sha256(ROOT.der).hexdigest()}"
    event = fetching.ledger.standing()[ANCHOR, subject]
    assert (event.facts["from"], fetching.ledger.blob(event.facts["certificate"])) == ("configuration", ROOT.der)
    fetching.write(EL, country())
    fetching.start()
    assert (ANCHOR, subject) not in types(fetching)


LISTS = """
[trust]
lists = ["https://lists.example/mdsl.xml"]
list_anchors = ["certs/anchors/EL.pem"]
"""


@pytest.fixture
def listing(fetching):
    """The country is looked up in a list, which is in force and gives it another anchor."""
    fetching.change(MAIN_FILE, "[session]", f"{LISTS}\n[session]")
    fetching.write(EL, '[country]\ncode = "EL"\nproxy_metadata = "list"\n')
    given = [anchor_stated(read_anchor("EL", authority("From a list").der), "list")]
    facts = {"address": "https://lists.example/mdsl.xml", "document": "a" * 64, "issued": "2026-09-21T00:00:00Z"}
    fetching.ledger.note([*given, Stated(LIST, "b" * 64, facts, "a" * 64)], (), fetching.clock())
    fetching.start()
    return fetching


def of_lists(instance) -> set[str]:
    """What the ledger has of lists and of their anchors."""
    standing = instance.ledger.standing()
    return {key[0] for key, event in standing.items() if key[0] == LIST or event.facts.get("from") == "list"}


def test_a_start_ends_nothing_that_a_list_gave(listing):
    assert of_lists(listing) == {ANCHOR, LIST}


def test_an_anchor_of_a_list_ends_with_the_country_that_was_looked_up(listing):
    listing.write(EL, FETCHED)
    listing.start()
    assert of_lists(listing) == {LIST}


def test_a_list_ends_with_the_configuration(listing):
    listing.write(EL, FETCHED)
    listing.change(MAIN_FILE, LISTS, "")
    listing.start()
    assert of_lists(listing) == set()


def test_a_pinned_document_says_which_anchor_vouches_for_it(instance):
    octets = published(signer("Signer of Greece", ROOT), data=OCTETS)
    instance.write("certs/anchors/EL.pem", ROOT.pem.decode())
    instance.write(KEPT, octets.decode())
    instance.write(EL, f'[country]\ncode = "EL"\nproxy_metadata = "{KEPT}"\nanchors = ["certs/anchors/EL.pem"]\n')
    instance.start()
    facts = instance.ledger.standing()[IN_FORCE, "EL/proxy"].facts
    assert (facts["ground"], facts["anchor"]) == ("pin", hashlib.sha256(ROOT.der).hexdigest())
