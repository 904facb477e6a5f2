"""What the operators of other nodes read of ours is what our metadata says."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from broker.described import describe
from certs.keyring import load_keyring, new_key
from certs.keys import State, Use, fingerprint
from eidas.xml import SERVICE_LIST
from metadata.mdsl import read_list
from metadata.read import read_connector, read_proxy_service
from tests.broker.asking import Asked
from tests.broker.world import PUBLIC


@pytest.fixture
def world(abroad_folder):
    return Asked(abroad_folder)


def shown(world):
    """The node as it is described."""
    return describe(world.settings, load_keyring(world.settings.secrets_folder / "keys"))


def published(world, role):
    """The octets of our metadata."""
    return world.browser().get(f"{PUBLIC}/eidas/{role}/metadata").data


def test_the_names_levels_and_attributes_are_those_of_the_metadata(world):
    node, proxy = shown(world), read_proxy_service(published(world, "proxy"), now=world.clock())
    connector = read_connector(published(world, "connector"), now=world.clock())
    assert node.entities == {"connector": connector.entity_id, "proxy": proxy.entity_id}
    assert {level.rpartition("/")[2] for level in proxy.levels} == set(node.levels)
    assert len(node.attributes) == len(proxy.attributes)


def test_the_certificates_are_those_of_the_metadata(world):
    keys = {key.use: load_pem_x509_certificate(key.pem.encode()).public_bytes(Encoding.DER) for key in shown(world).keys}
    connector = read_connector(published(world, "connector"), now=world.clock())
    assert (connector.signing[0].der, connector.encryption[0][0].der) == (keys["saml-signing"], keys["saml-decryption"])


def test_the_digest_is_said_in_two_ways(world):
    for key in shown(world).keys:
        assert bytes.fromhex(key.digest.replace(":", "")) == b64decode(key.base64)


def test_the_next_key_is_shown_before_it_is_used(world, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    for use, state in ((Use.SAML_SIGNING, State.ACTIVE), (Use.SAML_SIGNING, State.PUBLISHED)):
        new_key(keys, use, "P-256", state, world.clock())
    assert [key.state for key in describe(world.settings, load_keyring(keys)).keys] == ["active", "published"]


def test_the_page_shows_every_digest_and_what_we_see_of_others(world):
    page = (
        world.browser()
        .get(
            f"{PUBLIC}/eidas",
        )
        .text
    )
    assert [key.digest for key in shown(world).keys if key.digest not in page] == []
    assert [mark for mark in ("node-EL-proxy", "node-IT-connector", "node-DE-connector") if mark not in page] == []


def test_english_comes_first_for_whoever_speaks_neither(world):
    client = world.app.test_client()
    page = client.get("/eidas", base_url=PUBLIC, headers={"Accept-Language": "it-IT"}).text
    assert '<html lang="en">' in page


def test_without_a_role_there_is_no_page(make_world):
    assert make_world().browser().get(f"{PUBLIC}/eidas").status_code == 404


def test_the_fragment_for_lists_leads_to_our_metadata_by_the_certificate_that_signs_it(world):
    node = shown(world)
    whole = f'<l:MetadataList xmlns:l="{SERVICE_LIST}" Territory="FR">{node.fragment}</l:MetadataList>'
    read = read_list(whole.encode(), world.clock())
    (signer,) = (key for key in node.keys if key.use == "metadata-signing")
    assert read.skipped == ()
    assert {one.address: [(end.kind, end.entity_id) for end in one.endpoints] for one in read.locations} == {
        url: [(role, url)] for role, url in node.entities.items()
    }
    assert {fingerprint(der) for one in read.locations for der in one.certificates} == {signer.digest}
