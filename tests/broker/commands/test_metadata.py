"""passerelle metadata."""

import csv
import io
import json
from pathlib import Path

import pytest

from certs.keyring import new_key
from certs.keys import State, Use
from metadata.conformance import OCTETS, RULES
from tests.broker.commands.conftest import NOW, Run
from tests.broker.fetch.peer import Peer
from tests.broker.settings.test_countries import NODE
from tests.metadata.conformance_defects import CURVE_KEY, DEFECTS, METHOD
from tests.metadata.conformance_documents import CONNECTOR, URL, adding
from tests.tools.metadata_page import PAGE

AT = ("--at", "2026-09-21")


@pytest.fixture
def node(instance: Path) -> Path:
    """An instance with both roles, and its keys."""
    main = instance / "passerelle.toml"
    both = NODE.replace('roles = ["connector"]', 'roles = ["connector", "proxy"]')
    contacts = both.replace(" }]", ' }, { type = "support", mail = "aide@dn.example" }]')
    main.write_text(main.read_text("utf-8") + contacts, "utf-8")
    return instance


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with metadata that is in order."""
    path = tmp_path / "FR.xml"
    path.write_bytes(CONNECTOR)
    return path


def test_metadata_in_order_ends_with_0(run: Run, file: Path):
    result = run("metadata", "validate", file, *AT, "--url", URL)
    assert (result.exit_code, result.output) == (0, f"{file}: in order\n")


def test_each_finding_is_a_line_with_the_place_and_how_to_mend_it(run: Run, file: Path):
    file.write_bytes(DEFECTS["EID-MD-44"][0])
    result = run("metadata", "validate", file, *AT)
    _, line, last = result.output.splitlines()
    assert (result.exit_code, last) == (1, f"{file}: 1 error, 0 non-breaking, 0 warning")
    assert line.split()[:2] == ["error", "EID-MD-44"]
    assert "eidas:NodeCountry  NodeCountry is GR  write EL for Greece" in line


@pytest.mark.loopback
def test_what_is_at_an_address_is_fetched_and_must_have_its_name(run: Run):
    peer = Peer(lambda one: one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONNECTOR) + CONNECTOR))
    address = f"http://node.localhost:{peer.port}/metadata"
    result = run("metadata", "validate", address, *AT, "--format", "json")
    peer.close()
    assert (result.exit_code, "EID-MD-02" in {row["rule"] for row in json.loads(result.output)}) == (1, True)


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("answer", "why"), [(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "answers 404"), (b"SMTP\r\n\r\n", "protocol")]
)
def test_an_address_that_gives_nothing_ends_with_4(run: Run, answer: bytes, why: str):
    peer = Peer(lambda one: one.sendall(answer))
    result = run("metadata", "validate", f"http://node.localhost:{peer.port}/metadata", *AT)
    peer.close()
    assert (result.exit_code, why in result.output) == (4, True)


def test_plain_http_is_not_fetched_from_elsewhere(run: Run):
    result = run("metadata", "validate", "http://node.el.example/metadata", *AT)
    assert (result.exit_code, "scheme" in result.output) == (4, True)


def test_what_is_not_an_error_ends_with_0(run: Run, file: Path):
    file.write_bytes(DEFECTS["EID-MD-70"][0])
    result = run("metadata", "validate", file, *AT)
    assert (result.exit_code, "EID-MD-70" in result.output) == (0, True)


def test_findings_can_be_had_as_json_and_csv(run: Run, file: Path):
    file.write_bytes(DEFECTS["EID-MD-44"][0])
    (as_json,) = json.loads(run("metadata", "validate", file, *AT, "--format", "json").output)
    (as_csv,) = csv.DictReader(io.StringIO(run("metadata", "validate", file, *AT, "--format", "csv").output))
    assert as_json == as_csv
    assert (as_json["rule"], as_json["clause"]) == ("EID-MD-44", "Message Format 1.4, 4.2")


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        (("--profile", "saml"), []),
        (("--url", "https://node.example/other"), ["EID-MD-02", "EID-MD-44"]),
        (("--role", "proxy"), ["EID-MD-29", "EID-MD-44"]),
        (("--at", "2026-10-21"), ["SAML-MD-10", "EID-MD-44"]),
    ],
    ids=["profile", "url", "role", "at"],
)
def test_options_say_what_to_ask(run: Run, file: Path, more: tuple[str, ...], rules: list[str]):
    file.write_bytes(DEFECTS["EID-MD-44"][0])
    output = run("metadata", "validate", file, *AT, *more, "--format", "json").output
    assert [row["rule"] for row in json.loads(output)] == rules


def test_the_standard_input_is_read_as_well(run: Run):
    assert run("metadata", "validate", "-", *AT, stdin=CONNECTOR.decode()).exit_code == 0


def test_a_file_that_is_not_there_is_wrong_usage(run: Run):
    result = run("metadata", "validate", "nothing.xml")
    assert (result.exit_code, result.output) == (2, "passerelle: nothing.xml: No such file or directory\n")


@pytest.mark.parametrize("algorithm", ["P-256", "RSA-3072"])
def test_what_this_instance_publishes_has_no_finding(run: Run, node: Path, algorithm: str):
    for use in (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING):
        new_key(node / "secrets/keys", use, algorithm, State.ACTIVE, NOW - 86_400, "connexion.mairie.fr")
    result = run("metadata", "validate", "own", *AT, "-C", node)
    addresses = [f"https://connexion.mairie.fr/eidas/{role}/metadata" for role in ("connector", "proxy")]
    assert (result.exit_code, result.output.splitlines()) == (0, [f"{address}: in order" for address in addresses])


def test_an_instance_that_is_no_node_says_so(run: Run, instance: Path):
    result = run("metadata", "validate", "own", "-C", instance)
    assert (result.exit_code, "no eIDAS node" in result.output) == (2, True)


def test_a_node_without_keys_says_so(run: Run, node: Path):
    result = run("metadata", "validate", "own", "-C", node)
    assert (result.exit_code, "passerelle check" in result.output) == (3, True)


def test_every_rule_is_listed(run: Run):
    rows = json.loads(run("metadata", "rules", "--format", "json").output)
    assert {row["rule"] for row in rows} == {rule.id for rule in (*OCTETS, *RULES)}


def test_the_operators_page_shows_what_the_command_prints(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    weak = '<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/>'
    octets = adding(DEFECTS["EID-MD-44"][0], f"{CURVE_KEY}/{METHOD}", weak)
    monkeypatch.chdir(tmp_path)
    Path("FR-connector.xml").write_bytes(octets)
    shown = run("metadata", "validate", "FR-connector.xml", *AT).output
    assert f"$ passerelle metadata validate FR-connector.xml {' '.join(AT)}\n{shown}```" in PAGE.read_text("utf-8")
