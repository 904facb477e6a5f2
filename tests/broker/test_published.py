"""Metadata that was signed elsewhere, as a running instance serves it and speaks of it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from broker import node
from broker.published import place, put
from certs.authority import self_signed
from certs.keyring import load_keyring
from certs.keys import Use, fingerprint, generate_private, own_hash
from eidas.keys import LocalSigner
from metadata.publication import sign
from tests.broker.asking import Asked
from tests.broker.world import PUBLIC

PRIVATE = generate_private("P-256")
CERTIFICATE = self_signed(PRIVATE, Use.METADATA_SIGNING, "connexion.example", 1_789_000_000)
SIGNER = LocalSigner(PRIVATE, own_hash(PRIVATE.public_key()), CERTIFICATE)
OTHER = generate_private("P-256")
DAY = 86_400


@pytest.fixture
def make(abroad_folder: Path, tmp_path: Path):
    """A function that makes an instance with an offline key, on what is published by now."""
    first = Asked(abroad_folder)
    folder = tmp_path / "instance"
    shutil.copytree(abroad_folder / "secrets", folder / "secrets")
    own = replace(first.settings.node, offline=CERTIFICATE)
    return lambda: Asked(folder, node=own)


def publish(world, signer: LocalSigner = SIGNER, days: int = 7, roles=("connector", "proxy")) -> dict[str, bytes]:
    """Sign and publish both documents."""
    keyring = load_keyring(world.settings.secrets_folder / "keys")
    until = (world.clock() // DAY + days) * DAY
    documents = {role: sign(node.unsigned(world.settings, keyring, role, until), signer) for role in roles}
    for role, octets in documents.items():
        put(world.settings.folder, role, octets)
    return documents


def served(world, role: str):
    """What others fetch."""
    return world.browser().get(f"{PUBLIC}/eidas/{role}/metadata")


def told(world) -> str:
    """What the operator's machines read."""
    return world.browser().get(f"{PUBLIC}/readyz").text


def test_the_file_is_served_as_it_is(make):
    documents = publish(make())
    world = make()
    assert {role: served(world, role).data for role in documents} == documents
    assert told(world) == "ready\n"


def test_an_instance_without_a_publication_starts_and_says_what_to_do(make):
    world = make()
    assert served(world, "proxy").status_code == 404
    assert "our proxy metadata is not served: nothing is published: passerelle metadata build --role proxy" in told(world)
    status = world.browser().get(f"{PUBLIC}/status.json").json
    assert (status["status"], "our connector metadata is not served" in status["warning"]) == ("WARNING", True)


def test_it_is_served_until_it_ends_and_the_operator_is_told_three_days_before(make):
    publish(make())
    world = make()
    world.clock.advance(5 * DAY)
    assert (served(world, "proxy").status_code, "our proxy metadata ends on" in told(world)) == (200, True)
    world.clock.advance(2 * DAY)
    assert (served(world, "proxy").status_code, "is not served any more" in told(world)) == (404, True)


def test_what_says_something_else_than_the_configuration_is_served_and_told(make):
    world = make()
    other = replace(world.settings, node=replace(world.settings.node, organisation="Former name"))
    keyring = load_keyring(world.settings.secrets_folder / "keys")
    until = (world.clock() // DAY + 7) * DAY
    put(world.settings.folder, "proxy", sign(node.unsigned(other, keyring, "proxy", until), SIGNER))
    again = make()
    assert served(again, "proxy").status_code == 200
    assert "our proxy metadata does not say what the configuration and the keys say now" in told(again)


@pytest.mark.parametrize("attack", ["another key", "the other role", "altered", "no XML", "a folder"])
def test_whoever_can_write_the_file_cannot_speak_for_us(make, attack: str):
    documents = publish(make())
    file = place(make().settings.folder, "proxy")
    if attack == "another key":
        publish(make(), LocalSigner(OTHER, own_hash(OTHER.public_key()), CERTIFICATE), roles=("proxy",))
    elif attack == "a folder":
        file.unlink()
        file.mkdir()
    else:
        evil = documents["proxy"].replace(b"connexion.example", b"evil.example")
        file.write_bytes({"the other role": documents["connector"], "altered": evil, "no XML": b"<a"}[attack])
    world = make()
    assert (served(world, "proxy").status_code, served(world, "connector").status_code) == (404, 200)
    assert "our proxy metadata is not served: proxy.xml" in told(world)


def test_no_key_for_metadata_is_needed_here(make):
    publish(make())
    for file in (make().settings.secrets_folder / "keys").glob("metadata-signing-*"):
        file.unlink()
    assert served(make(), "proxy").status_code == 200


def test_the_page_for_other_operators_shows_the_certificate_of_the_offline_key(make):
    world = make()
    shown = world.app.extensions["passerelle"]().described
    (key,) = (one for one in shown.keys if one.use == "metadata-signing")
    assert (key.digest, key.algorithm, key.state) == (fingerprint(CERTIFICATE), "P-256", "active")
    assert fingerprint(CERTIFICATE) in world.browser().get(f"{PUBLIC}/eidas").text


def test_what_is_published_is_never_half_there(make, monkeypatch):
    world = make()
    documents = publish(world)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        put(world.settings.folder, "proxy", b"half")
    assert place(world.settings.folder, "proxy").read_bytes() == documents["proxy"]


@pytest.mark.parametrize("linked", ["metadata", "metadata/published"])
def test_nothing_is_published_where_a_link_leads(tmp_path, linked: str):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / linked).parent.mkdir(exist_ok=True)
    (tmp_path / linked).symlink_to(elsewhere)
    with pytest.raises(OSError, match="it is a link"):
        put(tmp_path, "proxy", b"<ours/>")
    assert list(elsewhere.iterdir()) == []
