"""What the application leaves out of Flask, and what it must not leave out."""

import pytest
from flask import redirect, session

from broker.web.application import Application


@pytest.fixture
def client():
    app = Application("tests", "https://fc.example:8443")
    app.add_url_rule("/away", "away", lambda: redirect("https://fs.example/retour?code=a%20b&state=%C3%A9", 303))
    app.add_url_rule("/abroad", "abroad", lambda: redirect("https://fs.example/é\u2603?q=ü", 303))
    app.add_url_rule("/text", "text", lambda: "été")
    app.add_url_rule("/a/text", "inner", lambda: "inner")
    app.add_url_rule("/parts", "parts", lambda: iter([b"a", b"b"]))
    app.add_url_rule("/nothing", "nothing", lambda: ("", 204))
    return app.test_client()


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/away", "https://fs.example/retour?code=a%20b&state=%C3%A9"),
        ("/abroad", "https://fs.example/%C3%A9%E2%98%83?q=%C3%BC"),
    ],
)
def test_an_address_is_sent_as_it_is_when_it_is_one_in_ascii(client, path, location):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, location)


@pytest.mark.parametrize(("method", "body"), [("get", "été".encode()), ("head", b"")])
def test_the_length_is_that_of_the_content(client, method, body):
    answer = getattr(client, method)("/text")
    assert (answer.headers["Content-Length"], answer.data) == ("5", body)


def test_an_answer_without_content_has_no_length(client):
    assert "Content-Length" not in client.get("/nothing").headers


def test_what_comes_in_parts_has_no_length_before_it_ends(client):
    answer = client.get("/parts")
    assert ("Content-Length" in answer.headers, answer.data) == (False, b"ab")


def test_a_line_break_never_gets_into_a_header():
    app = Application("tests", "https://fc.example")
    app.add_url_rule("/", "split", lambda: redirect("https://fs.example/\r\nSet-Cookie: a=b", 303))
    assert app.test_client().get("/").status_code == 500


@pytest.mark.parametrize("host", ["evil.example", "fc.example", "evil.example/a b", "\xe9", ""])
def test_where_we_are_is_said_by_the_settings_and_never_by_the_request(client, host):
    headers = {"Host": host, "X-Forwarded-Host": "evil.example"}
    assert client.get("/text", headers=headers).status_code == 200
    moved = client.get("/a//text?a=b", headers=headers)
    assert (moved.status_code, moved.headers["Location"]) == (308, "https://fc.example:8443/a/text?a=b")


def test_a_view_that_would_keep_a_session_fails(client):
    client.application.add_url_rule("/kept", "kept", lambda: session.update(a=1) or "kept")
    assert client.get("/kept").status_code == 500


def test_the_headers_of_one_request_are_not_those_of_the_next(client):
    first, second = client.get("/away"), client.get("/away")
    assert first.headers.to_wsgi_list() == second.headers.to_wsgi_list()
