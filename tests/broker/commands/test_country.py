"""passerelle country."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from broker.relying.trial import demand_of
from broker.settings import load
from certs.keyring import new_key
from certs.keys import State, Use
from tests.broker.asking import ForeignConnector
from tests.broker.commands.conftest import Run
from tests.broker.fetched import ANCHOR
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.settings.test_countries import NODE, country
from tests.broker.world import Clock


@pytest.fixture
def node(instance: Path) -> Path:
    """An instance that is a Connector."""
    main = instance / "passerelle.toml"
    main.write_text(main.read_text("utf-8") + NODE, "utf-8")
    return instance


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """What a country published."""
    path = tmp_path / "EL.xml"
    path.write_bytes(proxy_metadata(Node("EL", Clock(int(time.time())))))
    return path


def test_a_country_is_pinned_shown_and_listed(run: Run, node: Path, published: Path):
    made = run("country", "new", "EL", "--metadata", published, "-C", node)
    assert (made.exit_code, "Compare the digests" in made.output) == (0, True)
    assert load(node).parties.countries["EL"].proxy.sha256 == hashlib.sha256(published.read_bytes()).hexdigest()
    (row,) = json.loads(run("country", "list", "-C", node, "--format", "json").output)
    assert (row["code"], row["name"], row["levels"], row["state"]) == (
        "EL",
        "Greece",
        ["high", "low", "substantial"],
        "valid",
    )
    facts = json.loads(run("country", "show", "EL", "-C", node, "--format", "json").output)
    assert (facts["proxy entity id"], facts["proxy contacts"]) == (
        "https://node.el.example/metadata",
        ["support: support@node.el.example"],
    )


def test_a_connector_is_pinned_and_shown(run: Run, node: Path, tmp_path: Path):
    main = node / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace('roles = ["connector"]', 'roles = ["connector", "proxy"]'), "utf-8")
    file = tmp_path / "IT.xml"
    file.write_bytes(ForeignConnector("IT", Clock(int(time.time()))).metadata())
    made = run("country", "new", "IT", "--connector-metadata", file, "-C", node)
    assert made.exit_code == 0, made.output
    facts = json.loads(run("country", "show", "IT", "-C", node, "--format", "json").output)
    assert (facts["roles"], facts["connector addresses"], facts["connector encryption"]) == (
        ["connector"],
        ["https://node.it.example/acs"],
        "aes256-gcm",
    )
    tried = run("country", "ping", "IT", "-C", node)
    assert (tried.exit_code, "begins at a service there" in tried.output) == (2, True)


def test_a_country_that_is_fetched_has_an_address_and_its_anchors(run: Run, node: Path, tmp_path: Path):
    (tmp_path / "el.pem").write_bytes(ANCHOR.pem)
    address = "https://node.el.example/metadata"
    made = run("country", "new", "EL", "--metadata", address, "--anchor", tmp_path / "el.pem", "-C", node)
    assert (made.exit_code, "CN=Greek metadata" in made.output) == (0, True)
    assert "passerelle metadata fetch EL" in made.output
    greece = load(node).parties.countries["EL"]
    assert (greece.sources, greece.updates) == ({"proxy": address}, "approve")
    assert [anchor.link.certificate.der for anchor in greece.anchors] == [ANCHOR.der]


def test_an_anchor_may_suffice_and_a_list_may_say_where(run: Run, node: Path, tmp_path: Path):
    (tmp_path / "el.pem").write_bytes(ANCHOR.pem)
    main = node / "passerelle.toml"
    lists = '\n[trust]\nlists = ["https://lists.example/mdsl.xml"]\nlist_anchors = ["lists.pem"]\n'
    main.write_text(main.read_text("utf-8") + lists, "utf-8")
    (node / "lists.pem").write_bytes(ANCHOR.pem)
    assert run("country", "new", "EL", "--metadata", "list", "--auto", "-C", node).exit_code == 0
    greece = load(node).parties.countries["EL"]
    assert (greece.sources, greece.updates) == ({"proxy": "list"}, "auto")


@pytest.mark.parametrize(
    ("more", "why"),
    [((), "no anchor vouches"), (("--anchor", "nothing.pem"), "not certificates in PEM")],
    ids=["no anchor", "no certificate"],
)
def test_a_country_that_nothing_vouches_for_is_not_written(run: Run, node: Path, tmp_path: Path, more, why: str):
    (tmp_path / "nothing.pem").write_text("nothing", "utf-8")
    result = run("country", "new", "EL", "--metadata", "https://node.el.example/metadata", *more, "-C", node)
    assert (result.exit_code, why in result.output) == (2, True)
    assert not (node / "partners/countries/EL.toml").exists()


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, node: Path):
    result = run("country", "new", "EL", "--metadata", "none.xml", "-C", node)
    assert (result.exit_code, "none.xml: No such file" in result.output) == (2, True)


def test_a_country_without_metadata_is_wrong_usage(run: Run, node: Path):
    result = run("country", "new", "IT", "-C", node)
    assert (result.exit_code, "--connector-metadata" in result.output) == (2, True)


def test_a_ping_is_a_link_that_begins_a_test_login(run: Run, node: Path, published: Path):
    run("country", "new", "EL", "--metadata", published, "-C", node)
    result = run("country", "ping", "EL", "-C", node)
    settings = load(node)
    assert result.output.startswith(f"{settings.public_url}/eidas/essai?t=")
    token = result.output.strip().partition("?t=")[2]
    assert demand_of(token, settings.client_secret_key, int(time.time())).service == "EL"


def test_a_country_that_is_not_there_cannot_be_tested(run: Run, node: Path):
    assert run("country", "ping", "EL", "-C", node).exit_code == 2


def test_the_file_is_only_shown_on_a_dry_run(run: Run, node: Path, published: Path):
    shown = run("country", "new", "EL", "--metadata", published, "--compat", "rsa-2048", "--dry-run", "-C", node).output
    assert 'compat = ["rsa-2048"]' in shown
    assert not (node / "partners/countries").exists()


def test_a_country_is_pinned_once(run: Run, node: Path, published: Path):
    results = [run("country", "new", "EL", "--metadata", published, "-C", node) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 2]


def test_metadata_that_cannot_be_used_says_why(run: Run, node: Path, published: Path):
    published.write_bytes(published.read_bytes().replace(b'WantAuthnRequestsSigned="true"', b""))
    result = run("country", "new", "EL", "--metadata", published, "-C", node)
    assert (result.exit_code, result.output) == (
        1,
        "passerelle: the metadata cannot be used: WantAuthnRequestsSigned is not true\n",
    )


def test_a_country_that_does_not_exist_is_wrong_usage(run: Run, node: Path):
    assert run("country", "show", "EL", "-C", node).exit_code == 2


def test_expired_metadata_is_marked(run: Run, node: Path, published: Path):
    run("country", "new", "EL", "--metadata", published, "-C", node)
    octets = proxy_metadata(Node("EL", Clock(1_000_000_000)))
    (node / "metadata/received/EL-proxy.xml").write_bytes(octets)
    path = node / "partners/countries/EL.toml"
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    path.write_text(path.read_text("utf-8").replace(digest, hashlib.sha256(octets).hexdigest()), "utf-8")
    (row,) = json.loads(run("country", "list", "-C", node, "--format", "json").output)
    assert row["state"] == "expired"


def test_the_check_names_the_keys_that_a_node_lacks_and_metadata_that_ends(run: Run, node: Path, published: Path):
    published.write_bytes(proxy_metadata(Node("EL", Clock(int(time.time()))), days=2))
    run("country", "new", "EL", "--metadata", published, "-C", node)
    output = run("check", "-C", node).output
    assert output.count("K03") == 3
    assert "the proxy metadata of EL counts for" in output
    for use in ("saml-signing", "saml-decryption", "metadata-signing"):
        run("keys", "new", use, "-C", node)
    assert "K03" not in run("check", "-C", node).output


def test_the_check_names_metadata_that_has_expired(run: Run, node: Path):
    octets = proxy_metadata(Node("EL", Clock(1_000_000_000)))
    (node / "metadata/received").mkdir(parents=True)
    (node / "metadata/received/EL-proxy.xml").write_bytes(octets)
    (node / "partners/countries").mkdir()
    (node / "partners/countries/EL.toml").write_text(country(octets))
    assert "the proxy metadata of EL has expired" in run("check", "-C", node).output


def test_the_check_names_a_key_whose_certificate_has_expired(run: Run, node: Path):
    new_key(node / "secrets/keys", Use.SAML_SIGNING, "P-256", State.ACTIVE, 1_000_000_000)
    assert "its certificate has expired" in run("check", "-C", node).output
