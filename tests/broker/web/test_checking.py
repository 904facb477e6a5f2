"""The page that checks a stranger's metadata: what it says, and that it keeps nothing and costs others nothing."""

import hashlib
import logging
import threading
from io import BytesIO

import pytest

from eidas import xml
from metadata import conformance
from tests.broker.world import PUBLIC
from tests.metadata.conformance_documents import CONNECTOR, replacing

PAGE = "/eidas/verifier"
KIND = "multipart/form-data; boundary=b"


@pytest.fixture
def client(make_abroad):
    """Somebody's browser, without cookies; the world's clock is the documents'."""
    return make_abroad().app.test_client()


def form(octets, name="metadata.xml"):
    """The body of the form as a browser writes it (werkzeug's client would put a large one into a file)."""
    head = f'--b\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\nContent-Type: text/xml\r\n\r\n'
    text = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
    return head.encode() + octets + b"\r\n" + text + b"\r\n--b--\r\n"


def upload(client, octets, name="metadata.xml", **more):
    """Send a file by the form."""
    return client.post(PAGE, data=form(octets, name), base_url=PUBLIC, content_type=KIND, **more)


def paste(client, text):
    """Send a text by the form, as browsers do."""
    sent = {"document": (BytesIO(b""), ""), "text": text.replace("\n", "\r\n")}
    return client.post(PAGE, data=sent, base_url=PUBLIC, content_type="multipart/form-data")


def grouped(octets):
    """A digest as people read it."""
    digest = hashlib.sha256(octets).hexdigest()
    return ":".join(digest[at : at + 4] for at in range(0, 64, 4))


def spoiled():
    """Metadata that says nothing of its country."""
    return replacing(CONNECTOR, "NodeCountry", "NoCountry", 2)


def test_a_file_in_order_is_said_to_be_so(client):
    answer = upload(client, CONNECTOR)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "no rule is broken" in answer.text or "aucune règle" in answer.text
    assert grouped(CONNECTOR) in answer.text


def test_the_page_has_the_findings_of_the_command(client, make_abroad):
    octets = spoiled()
    report = conformance.validate(octets, now=make_abroad().clock())
    page = upload(client, octets).text
    assert report.findings
    assert page.count('data-testid="finding"') == len(report.findings)
    assert all(finding.rule in page and finding.clause in page for finding in report.findings)


def test_a_pasted_text_is_the_file_that_it_was_taken_from(client):
    indented = CONNECTOR.replace(b"<md:SPSSO", b"\n  <md:SPSSO").decode()
    assert grouped(indented.encode()) in paste(client, f"  {indented}\n").text


def test_a_file_counts_before_a_text(client):
    sent = {"document": (BytesIO(CONNECTOR), "a.xml"), "text": "<a/>"}
    answer = client.post(PAGE, data=sent, base_url=PUBLIC, content_type="multipart/form-data")
    assert grouped(CONNECTOR) in answer.text


@pytest.mark.parametrize(
    ("data", "kind"),
    [({"text": " \n"}, "multipart/form-data"), ({}, "application/x-www-form-urlencoded"), (b"<a/>", "text/xml"), (b"", "")],
)
def test_a_form_without_a_document_is_told_so(client, data, kind):
    answer = client.post(PAGE, data=data, base_url=PUBLIC, content_type=kind)
    assert answer.status_code == 400
    assert 'data-testid="not-checked"' in answer.text


def test_more_than_the_limit_is_not_read(client):
    answer = upload(client, b"x" * 1_100_000)
    assert (answer.status_code, 'data-testid="not-checked"' in answer.text) == (413, True)


def test_the_largest_document_is_read(client):
    fitting = CONNECTOR.replace(b"<md:SPSSO", b" " * (1_048_576 - len(CONNECTOR)) + b"<md:SPSSO")
    assert grouped(fitting) in upload(client, fitting).text
    assert upload(client, fitting + b" ").status_code == 200  # a finding, as the command has it


def test_a_document_of_too_many_elements_is_refused_with_a_reason(client):
    answer = upload(client, b"<a>" + b"<b/>" * 6_000 + b"</a>")
    assert (answer.status_code, "more than 5000 elements" in answer.text) == (400, True)


def test_nothing_in_a_document_becomes_markup(client):
    evil = CONNECTOR.replace(b"https://node.example/metadata", b"https://&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;")
    page = upload(client, evil).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_name_of_a_file_is_nowhere(client):
    assert "secret-name" not in upload(client, CONNECTOR, 'secret-name"\r\nX-Evil: 1.xml').text


def test_nothing_is_kept_and_nothing_is_logged(make_abroad, tmp_path, monkeypatch, caplog):
    world = make_abroad()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(world.settings.folder.rglob("*"))
    with caplog.at_level(logging.DEBUG):
        answer = upload(world.app.test_client(), CONNECTOR + b" " * 900_000)
    assert answer.status_code == 200
    assert (sorted(world.settings.folder.rglob("*")), list(tmp_path.iterdir()), caplog.text) == (before, [], "")


def test_a_large_file_never_leaves_memory(client, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("a file was made")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refused, raising=False)
    monkeypatch.setattr("werkzeug.formparser.TemporaryFile", refused, raising=False)
    assert upload(client, CONNECTOR + b" " * 900_000).status_code == 200


def test_neither_a_cookie_is_needed_nor_set(client):
    answer = upload(client, CONNECTOR)
    assert "Set-Cookie" not in answer.headers


def test_a_form_of_another_site_is_refused_before_its_body_is_read(client):
    answer = upload(client, CONNECTOR, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 or "USR-103" in answer.text
    assert grouped(CONNECTOR) not in answer.text


def test_a_program_without_a_browser_may_ask(client):
    assert upload(client, spoiled(), headers={"User-Agent": "curl/8"}).status_code == 200


class Slow:
    """A body whose first octet comes when it is let go."""

    def __init__(self):
        self.reading, self.go = threading.Event(), threading.Event()

    def read(self, _size=-1):
        self.reading.set()
        self.go.wait(10)
        return b""

    def readline(self, size=-1):
        return self.read(size)


def begin(app, body):
    """An upload whose body comes from a socket that has nothing yet."""
    more = {"wsgi.input": body, "CONTENT_LENGTH": "1000"}
    app.test_client().post(PAGE, content_type=KIND, base_url=PUBLIC, environ_overrides=more)


def test_of_three_slow_uploads_the_third_is_asked_to_come_again_and_logins_go_on(make_abroad):
    app, bodies = make_abroad().app, [Slow(), Slow()]
    threads = [threading.Thread(target=begin, args=(app, body)) for body in bodies]
    for thread in threads:
        thread.start()
    assert all(body.reading.wait(10) for body in bodies)
    third = upload(app.test_client(), CONNECTOR)
    other = app.test_client().get("/aide", base_url=PUBLIC)
    for body in bodies:
        body.go.set()
    for thread in threads:
        thread.join(10)
    assert (third.status_code, third.headers["Retry-After"], other.status_code) == (503, "10", 200)
    assert upload(app.test_client(), CONNECTOR).status_code == 200


def test_a_failure_gives_its_place_back(client):
    for _ in range(3):
        assert upload(client, b"x" * 1_100_000).status_code == 413
    assert upload(client, CONNECTOR).status_code == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_form_stands_on_a_page_of_its_own_and_on_the_node_s(client, language):
    for path in (PAGE, "/eidas"):
        page = client.get(f"{path}?lang={language}", base_url=PUBLIC).text
        assert f'<html lang="{language}">' in page
        assert 'action="/eidas/verifier"' in page


def test_english_comes_first_for_whoever_speaks_neither(client):
    page = upload(client, CONNECTOR, headers={"Accept-Language": "pl"}).text
    assert '<html lang="en">' in page
    assert "no rule is broken" in page


def test_who_is_no_node_checks_nothing(make_world):
    client = make_world().app.test_client()
    assert client.get(PAGE, base_url=PUBLIC).status_code == upload(client, CONNECTOR).status_code == 404


def test_the_clock_of_the_instance_decides_whether_it_has_expired(make_abroad):
    world = make_abroad()
    world.clock.advance(30 * 86_400)
    page = upload(world.app.test_client(), CONNECTOR).text
    assert 'data-testid="pinned-connector"' in page
    assert "the metadata has expired" in page


def test_a_document_without_a_role_says_so(client):
    page = upload(client, xml.write(xml.make("md", "EntityDescriptor", entityID="https://x.example"))).text
    assert 'data-testid="pinned-' not in page
