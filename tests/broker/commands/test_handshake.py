"""passerelle country handshake."""

import csv
import io
import json
import socket
import time
from pathlib import Path

import pytest

from broker.settings import load
from certs.keyring import make_missing
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import ledger_of
from tests.broker.fetch.conftest import peer
from tests.broker.foreign import NODE_USES, Node, proxy_metadata
from tests.broker.settings.test_countries import EL, KEPT, NODE
from tests.broker.settings.test_countries import country as entry
from tests.broker.world import Clock
from tests.eidas.parts import certificate_of, private_key
from tests.metadata.authorities import Holder
from tests.metadata.authorities import published as signed_by

__all__ = ["peer"]


@pytest.fixture
def node(instance: Path) -> Path:
    """An instance that is a Connector, with its keys."""
    main = instance / "passerelle.toml"
    main.write_text(main.read_text("utf-8") + NODE, "utf-8")
    make_missing(instance / "secrets/keys", NODE_USES, int(time.time()), "connexion.example")
    return instance


@pytest.fixture
def pinned(node: Path) -> Path:
    """Greece's Proxy-Service is a file."""
    octets = proxy_metadata(Node("EL", Clock(int(time.time()))))
    for name, content in {KEPT: octets, EL: entry(octets).encode()}.items():
        (node / name).parent.mkdir(parents=True, exist_ok=True)
        (node / name).write_bytes(content)
    return node


def fetched(node: Path, address: str) -> Path:
    """Greece's Proxy-Service is at an address of this machine, as the sandbox may have it; returns the instance."""
    main = node / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace('"production"', '"sandbox"'), "utf-8")
    (node / "anchor.pem").write_bytes(ANCHOR.pem)
    (node / "partners/countries").mkdir(exist_ok=True)
    lines = (
        "[country]",
        'code = "EL"',
        f'proxy_metadata = "{address}"',
        'anchors = ["anchor.pem"]',
        "private_addresses = true",
    )
    (node / EL).write_text("\n".join(lines) + "\n", "utf-8")
    return node


KEY = private_key("secp256r1", 40)
ANCHOR = Holder("Greek metadata", KEY, certificate_of(KEY))


def test_a_pinned_country_is_told_in_numbered_lines(run: Run, pinned: Path):
    result = run("country", "handshake", "EL", "-C", pinned)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("EL Proxy-Service\n 1 ✔ metadata pinned       a file of ")
    assert "14 – test login            passerelle country ping EL" in result.output
    assert "<ser:MetadataLocation" in result.output


def test_the_marks_are_aligned(run: Run, pinned: Path):
    lines = [line for line in run("country", "handshake", "EL", "-C", pinned).output.splitlines() if line[3:4] in "✔!✘–"]
    numbered = [line for line in lines if line[:2].strip().isdigit()]
    assert [int(line[:2]) for line in numbered] == list(range(1, 15))
    assert all(line[26] == " " and line[27] != " " for line in numbered)


def test_json_has_every_step(run: Run, pinned: Path):
    result = run("country", "handshake", "EL", "--format", "json", "-C", pinned)
    (told,) = json.loads(result.stdout)
    assert (told["country"], told["role"], told["steps"][0]["name"]) == ("EL", "proxy", "document")
    assert {step["verdict"] for step in told["steps"]} <= {"fine", "note", "wrong", "not run"}


def test_csv_has_a_row_for_each_step(run: Run, pinned: Path):
    rows = list(csv.DictReader(io.StringIO(run("country", "handshake", "EL", "--format", "csv", "-C", pinned).stdout)))
    assert (len(rows), rows[0]["node"], rows[0]["verdict"]) == (14, "EL/proxy", "fine")


def test_progress_is_told_apart_from_the_answer(run: Run, pinned: Path):
    result = run("country", "handshake", "EL", "--format", "json", "-C", pinned)
    assert "EL/proxy: signature …" in result.stderr


def test_the_mail_is_all_that_is_printed(run: Run, pinned: Path):
    result = run("country", "handshake", "EL", "--mail", "-C", pinned)
    assert result.stdout.startswith("To: support@node.el.example\nSubject: eIDAS metadata of EL: Proxy-Service\n\nDear")


def test_a_country_that_is_not_there_is_wrong_usage(run: Run, pinned: Path):
    assert run("country", "handshake", "IT", "-C", pinned).exit_code == 2


def test_a_role_that_is_not_there_is_wrong_usage(run: Run, pinned: Path):
    result = run("country", "handshake", "EL", "--role", "connector", "-C", pinned)
    assert (result.exit_code, "connector_metadata" in result.output) == (2, True)


def test_what_has_expired_ends_with_1(run: Run, pinned: Path):
    octets = proxy_metadata(Node("EL", Clock(1_000_000_000)))
    (pinned / KEPT).write_bytes(octets)
    (pinned / EL).write_text(entry(octets), "utf-8")
    result = run("country", "handshake", "EL", "-C", pinned)
    assert (result.exit_code, " ✘ validity" in result.output) == (1, True)


@pytest.mark.loopback
def test_a_country_that_nobody_answers_for_ends_with_4(run: Run, node: Path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = fetched(node, f"http://el.localhost:{port}/metadata")
    result = run("country", "handshake", "EL", "-C", place)
    assert (result.exit_code, " 1 ✘ name, TCP, TLS" in result.output) == (4, True), result.output
    assert " 2 – metadata fetched      needs step 1, name, TCP, TLS" in result.output


@pytest.mark.loopback
def test_a_country_is_fetched_and_judged_and_nothing_is_written(run: Run, node: Path, peer):
    document: list[bytes] = []
    served = peer(lambda connection: connection.sendall(document[0]))
    address = f"http://el.localhost:{served.port}/metadata"
    octets = proxy_metadata(Node("EL", Clock(int(time.time()))))
    octets = signed_by(ANCHOR, data=octets.replace(b"https://node.el.example/metadata", address.encode()))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(octets)}\r\n\r\n"
    document.append(head.encode() + octets)
    place = fetched(node, address)
    result = run("country", "handshake", "EL", "-C", place)
    assert result.exit_code == 0, result.output
    assert "on fetching it would wait for a person" in result.output
    with ledger_of(place) as ledger:
        assert ledger.entries() == ()
    assert load(place).parties.countries["EL"].proxy is None
