"""Over TLS: the name is proved, whatever address it has, and the time is kept all the same."""

import datetime
import socket
import ssl
import time
from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.broker.fetch.peer import OK, answer, fetcher, get, kind

pytestmark = pytest.mark.loopback
NAME = "provider.example"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The file of a key and of a certificate for provider.example, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    today = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "peer.pem"
    file.write_bytes(private + built.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def context(certificate):
    """A server's context, which notes the names that it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.names = []
    context.sni_callback = lambda connection, name, context: context.names.append(name)
    return context


@pytest.fixture
def trusting(certificate, monkeypatch):
    """A fetcher on a machine that trusts the certificate; every name is this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return fetcher(resolve=lambda host, port: ["127.0.0.1"], allow_http=False, total=1)


def test_a_peer_that_proves_its_name_is_asked_over_one_connection(peer, context, trusting):
    served = peer(answer(OK), context)
    assert [get(served.port, fetch=trusting, host=NAME, scheme="https").body for _ in range(3)] == [b"{}"] * 3
    assert (context.names, served.connections) == ([NAME], 1)


def test_a_peer_of_another_name_is_a_tls_error(peer, context, trusting):
    served = peer(answer(OK), context)
    assert kind(lambda: get(served.port, fetch=trusting, host="other.example", scheme="https")) == "tls"
    assert served.requests == []


def test_a_peer_of_an_unknown_authority_is_a_tls_error(peer, context):
    served = peer(answer(OK), context)
    assert kind(lambda: get(served.port, scheme="https")) == "tls"
    assert served.requests == []


def test_a_peer_that_speaks_no_tls_is_a_tls_error(peer, trusting):
    class Plain:
        def wrap_socket(self, connection, server_side):
            connection.sendall(OK)
            return connection

    assert kind(lambda: get(peer(answer(OK), Plain()).port, fetch=trusting, host=NAME, scheme="https")) == "tls"


def test_a_handshake_that_hangs_is_left_in_time(peer, trusting):
    began = time.monotonic()
    assert kind(lambda: get(peer(answer(OK)).port, fetch=trusting, host=NAME, scheme="https")) == "timeout"
    assert time.monotonic() - began < 2


def test_a_handshake_has_all_the_time_that_is_left(peer, context, certificate, monkeypatch):
    class Slow:
        def wrap_socket(self, connection, server_side):
            time.sleep(0.7)
            return context.wrap_socket(connection, server_side=server_side)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    fetch = fetcher(resolve=lambda host, port: ["127.0.0.1", "127.0.0.2"], total=1.2)
    assert get(peer(answer(OK), Slow()).port, fetch=fetch, host=NAME, scheme="https").status == 200


def test_an_answer_that_drips_over_tls_is_left_in_time(peer, context, trusting):
    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(60):
            connection.sendall(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    assert kind(lambda: get(peer(drip, context).port, fetch=trusting, host=NAME, scheme="https")) == "timeout"
    assert time.monotonic() - began < 2


def without_length(end):
    """A behaviour: an answer that does not say how long it is, and then this end of the connection."""

    def behave(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}")
        with suppress(OSError):
            end(connection)
        return "close"

    return behave


def test_an_answer_without_a_length_ends_by_the_peers_word(peer, context, trusting):
    served = peer(without_length(lambda connection: connection.unwrap()), context)
    assert get(served.port, fetch=trusting, host=NAME, scheme="https").body == b"{}"


def test_an_answer_without_a_length_that_somebody_on_the_way_cuts_off_is_none(peer, context, trusting):
    served = peer(without_length(lambda connection: connection.shutdown(socket.SHUT_RDWR)), context)
    assert kind(lambda: get(served.port, fetch=trusting, host=NAME, scheme="https")) == "tls"


def test_a_get_whose_kept_tls_connection_ends_unanswered_is_asked_again(peer, context, trusting):
    waiting = iter((OK, None, OK))

    def behave(connection):
        content = next(waiting)
        return connection.sendall(content) if content else "close"

    served = peer(behave, context)
    assert [get(served.port, fetch=trusting, host=NAME, scheme="https").status for _ in range(2)] == [200, 200]
    assert served.connections == 2
