"""The way to a country's server: what is said of it, over a real connection as well, and in which time."""

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from broker.fetch import Fetcher, FetchFailed, Probed, Prober
from broker.handshake import Course, Ways
from broker.handshake.reaching import FAILURES
from broker.settings.model import Trust
from certs.authority import Authority, new_authority
from certs.keys import Use
from oidc.messages import HttpResponse
from tests.broker.fetch.peer import Peer, answer
from tests.broker.handshake.meetings import XML, Handshaking, first_wrong
from tests.metadata.authorities import DAY

HOST = "node.el.example"


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    return Handshaking(tmp_path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ssl.SSLContext]:
    """A server's TLS, with a certificate of an authority that this machine trusts; `days` may have passed already."""
    began = int(time.time()) - 10 * DAY
    authority = new_authority(ec.generate_private_key(ec.SECP256R1()), "Authority", began)
    trusted = x509.load_der_x509_certificate(authority.certificate).public_bytes(Encoding.PEM)
    (tmp_path / "trusted.pem").write_bytes(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return lambda host=HOST, days=3650, by=authority: context(tmp_path, by, host, began, days)


def context(folder: Path, authority: Authority, host: str, began: int, days: int) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    der = authority.issue(key.public_key(), Use.SAML_SIGNING, host, began, days)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "server.pem")
    return made


def over_the_network(shaking: Handshaking, port: int, total: float = 2) -> Course:
    """The handshake with a server on this machine, by the ways that the command goes."""
    address = f"https://{HOST}:{port}/metadata"
    shaking.change(sources={"proxy": address}, private_addresses=True)
    meeting = shaking.meeting()

    def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    fetch = Fetcher(resolve, total=total, largest=2_000_000)
    ways = Ways(fetch, shaking.revoked, Prober(resolve, seconds=total), shaking.clock, time.monotonic)
    return Course(replace(meeting, ways=ways))


def served(document: bytes, kind: str = XML) -> bytes:
    head = f'HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nETag: "7"\r\nContent-Length: {len(document)}\r\n\r\n'
    return head.encode() + document


@pytest.mark.loopback
def test_a_real_server_is_reached_over_tls_and_its_document_judged(shaking: Handshaking, peer, here):
    document: list[bytes] = []
    started: Peer = peer(lambda connection: connection.sendall(document[0]), here())
    course = over_the_network(shaking, started.port)
    shaking.publisher.edits.append((f"https://{HOST}/metadata", f"https://{HOST}:{started.port}/metadata"))
    document.append(served(shaking.publisher.document()))
    steps = {step.name: step for step in course}
    assert first_wrong(steps) == ""
    assert steps["network"].found.startswith("127.0.0.1, TLS 1.3, certificate valid for ")
    assert any('ETag "7"' in fact for fact in steps["document"].facts)


BAD_TLS = {
    "of another name": ({"host": "elsewhere.example"}, "hostname mismatch"),
    "expired": ({"days": 1}, "certificate has expired"),
    "of an authority that nobody knows": ({"by": "stranger"}, "unable to get local issuer certificate"),
}


@pytest.mark.loopback
@pytest.mark.parametrize("name", BAD_TLS)
def test_a_certificate_that_does_not_hold_is_named_and_nothing_is_asked(shaking: Handshaking, peer, here, name: str):
    facts, words = BAD_TLS[name]
    if "by" in facts:
        facts = {"by": new_authority(ec.generate_private_key(ec.SECP256R1()), "Another", int(time.time()) - DAY)}
    started = peer(answer(served(b"<a/>")), here(**facts))
    steps = {step.name: step for step in over_the_network(shaking, started.port)}
    assert (first_wrong(steps), words in steps["network"].found.lower()) == ("network", True)
    assert started.requests == []


@pytest.mark.loopback
def test_a_server_that_hangs_holds_us_no_longer_than_the_bounds(shaking: Handshaking, peer):
    class Silent:
        def wrap_socket(self, connection, server_side):
            time.sleep(3)
            return connection

    began = time.monotonic()
    steps = {step.name: step for step in over_the_network(shaking, peer(answer(b""), Silent()).port, total=0.5)}
    assert (first_wrong(steps), "in time" in steps["network"].found) == ("network", True)
    assert time.monotonic() - began < 2


@pytest.mark.loopback
def test_an_answer_that_drips_holds_us_no_longer_than_the_bounds(shaking: Handshaking, peer, here):
    def drip(connection):
        for octet in served(b"<a/>" * 1000):
            connection.sendall(bytes([octet]))
            time.sleep(0.02)

    began = time.monotonic()
    steps = {step.name: step for step in over_the_network(shaking, peer(drip, here()).port, total=0.7)}
    assert (first_wrong(steps), "in time" in steps["document"].found) == ("document", True)
    assert time.monotonic() - began < 3


@pytest.mark.loopback
def test_an_endless_answer_is_left(shaking: Handshaking, peer, here):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(400):
            connection.sendall(b"x" * 65_536)
        return "close"

    steps = {step.name: step for step in over_the_network(shaking, peer(flood, here()).port, total=5)}
    assert (first_wrong(steps), "too large" in steps["document"].found) == ("document", True)


def test_a_web_servers_certificate_that_ends_soon_is_noted(shaking: Handshaking):
    shaking.probed = Probed("203.0.113.5", "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", shaking.clock() + 5 * DAY)
    step = shaking.steps()["network"]
    assert (step.verdict, "Renew the certificate" in step.theirs[0]) == ("note", True)


def test_plain_http_is_told_where_the_sandbox_allows_it(shaking: Handshaking):
    shaking.probed = Probed("127.0.0.1")
    assert "plain HTTP" in shaking.steps()["network"].found


def test_a_content_type_that_is_no_xml_is_noted(shaking: Handshaking):
    shaking.gives(shaking.publisher.document(), **{"content-type": "text/html"})
    step = shaking.steps()["document"]
    assert (step.verdict, "samlmetadata" in step.theirs[0]) == ("note", True)


def test_where_a_redirect_leads_is_said(shaking: Handshaking):
    shaking.answers(lambda _: HttpResponse(301, {"location": "https://el.example/new"}, b""))
    assert "it redirects to https://el.example/new" in shaking.steps()["document"].facts


def test_the_validity_is_measured_against_how_often_we_ask(shaking: Handshaking):
    shaking.base = replace(shaking.base, trust=Trust(refresh_minutes=6 * 1440))
    shaking.gives(shaking.publisher.document())
    step = shaking.steps()["validity"]
    assert (step.verdict, "refresh_minutes" in step.ours[0]) == ("note", True)


def test_every_kind_of_failure_has_its_sentences(shaking: Handshaking):
    kinds = (FetchFailed.__doc__ or "").partition("`kind` is ")[2].partition(".")[0].replace(" or ", ", ").split(", ")
    assert set(FAILURES) == set(kinds)
