"""What the ledger is told at each start and reload, and what happens when it cannot be told."""

import hashlib
import shutil
import time
from dataclasses import replace

import pytest

from broker import app, node
from broker.ledger import FOLDER, Ledger
from broker.recording import record
from broker.store import open_store
from certs.keyring import load_keyring, make_missing
from certs.keys import State, Use
from metadata.ledger.kinds import CONFIGURATION, IN_FORCE, KEY, PUBLISHED
from tests.broker.settings.instance import MAIN_FILE, Folder
from tests.broker.settings.test_countries import EL, KEPT, NODE, OCTETS, country
from tests.broker.world import Clock

USES = (Use.OP_SIGNING, Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
DIGEST = hashlib.sha256(OCTETS).hexdigest()


class Instance(Folder):
    """An instance on disk that is a node, with a country; what it tells its ledger."""

    def __init__(self, path) -> None:
        super().__init__(path)
        self.clock = Clock()
        self.change(MAIN_FILE, '"memory:"', '"sqlite:///var/passerelle.db"')
        self.change(MAIN_FILE, "[session]", f"{NODE}\n[session]")
        self.write(KEPT, OCTETS.decode())
        self.write(EL, country())
        self.keys = path / "secrets" / "keys"
        self.keys.mkdir(mode=0o700)
        for use in USES:
            make_missing(self.keys, [use], self.clock(), "node.example", "ES256" if use is Use.OP_SIGNING else "P-256")
        self.ledger = Ledger(path / FOLDER)

    def start(self, **changes) -> str:
        """The warning of a start."""
        settings, ring = replace(self.load(), **changes), load_keyring(self.keys)
        return record(settings, ring, node.metadata(settings, ring, self.clock), self.clock())

    def said(self) -> list[tuple[str, str]]:
        """Types and subjects of the entries."""
        return [(entry.event.type, entry.event.subject) for entry in self.ledger.entries()]

    def app(self):
        """The running application."""
        made = app.create_app(self.load(), store=open_store("memory:", self.clock), fetch=None, clock=self.clock)
        made.extensions["housekeeper"].stop()
        return made


@pytest.fixture
def instance(tmp_path):
    return Instance(tmp_path)


def test_a_first_start_tells_of_everything(instance):
    assert instance.start() == ""
    kids = {(KEY, key.kid) for key in load_keyring(instance.keys).keys}
    assert set(instance.said()) == {(CONFIGURATION, "instance"), (IN_FORCE, "EL/proxy"), (PUBLISHED, "connector")} | kids


def test_a_second_start_has_nothing_to_tell_even_on_another_day(instance):
    instance.start()
    before = instance.ledger.events.read_bytes()
    instance.clock.advance(2 * 86_400)
    assert (instance.start(), instance.ledger.events.read_bytes() == before) == ("", True)


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


def test_an_instance_in_memory_leaves_no_ledger(instance):
    assert (instance.start(database="memory:"), instance.ledger.folder.exists()) == ("", False)


# -- when it cannot be told -------------------------------------------------------------------------------------------


def test_a_ledger_that_cannot_be_written_is_a_warning(instance):
    (instance.path / "var").write_text("not a folder")
    assert instance.start().startswith("the ledger is not written: ")


def test_metadata_that_is_changed_after_it_was_read_is_kept_as_it_was_read(instance):
    settings, ring = instance.load(), load_keyring(instance.keys)
    instance.write(KEPT, "another file")
    assert (record(settings, ring, {}, 0), instance.ledger.blob(DIGEST)) == ("", OCTETS)


def test_the_ready_instance_says_that_its_ledger_is_not_written(instance):
    (instance.path / "var").write_text("not a folder")
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


def test_a_login_writes_nothing_to_the_ledger(make_world, tmp_path):
    world = make_world(f"sqlite:///{tmp_path}/passerelle.db")
    shutil.rmtree(world.settings.folder / FOLDER)
    world.browser().log_in()
    world.store.close()
    assert not (world.settings.folder / FOLDER).exists()
