"""The browser of a rehearsal keeps cookies, follows links and fills forms as browsers do."""

import pytest
from flask import Flask, make_response, redirect, request

from broker.sandbox.rehearsal.browser import Browser, Going, NoAnswer
from broker.sandbox.rehearsal.reading import links_of
from tests.broker.sandbox.rehearsal.services import served
from tests.peers.programs import free_port


@pytest.fixture
def home():
    """A server that sets what the address says and tells which cookies came."""
    app, port = Flask("echo"), free_port()

    @app.route("/set")
    def put():
        response = make_response("")
        for line in request.args.getlist("c"):
            response.headers.add("Set-Cookie", line)
        return response

    @app.route("/", methods=["GET", "POST"])
    @app.route("/deep/er", methods=["GET", "POST"])
    def tell():
        return " ".join(sorted(request.cookies)) + "|" + " ".join(f"{k}={v}" for k, v in request.form.items())

    @app.route("/round")
    def turn():
        return redirect("/round")

    @app.route("/away")
    def away():
        return redirect(request.args["to"])

    with served(app, port):
        yield f"http://localhost:{port}"


pytestmark = pytest.mark.loopback


def cookies(home, *lines, path="/", **how):
    browser = Browser()
    browser.go(Going(f"{home}/set?" + "&".join(f"c={line}" for line in lines)))
    return browser.go(Going(f"{home}{path}", **how)).text.partition("|")[0]


def test_a_cookie_comes_back_until_it_is_taken_away(home):
    assert cookies(home, "a=1", "b=2; Max-Age=60") == "a b"
    assert cookies(home, "a=1", "a=; Max-Age=0", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT") == ""


@pytest.mark.parametrize(("path", "sent"), [("/", ""), ("/deep/er", "a")])
def test_a_cookie_has_its_path(home, path, sent):
    assert cookies(home, "a=1; Path=/deep", path=path) == sent


def test_no_cookie_that_is_same_site_comes_with_a_form_of_another_site(home):
    lines = ("lax=1; SameSite=Lax", "strict=1; SameSite=Strict", "none=1; SameSite=None; Secure")
    assert cookies(home, *lines, fields={}, foreign=True) == "none"
    assert cookies(home, *lines, fields={}) == "lax none strict"


def test_a_cookie_goes_to_no_other_host(home):
    browser = Browser()
    browser.go(Going(f"{home}/set?c=a=1"))
    other = home.replace("localhost", "fs.localhost")
    assert browser.go(Going(f"{other}/")).text == "|"


def test_redirects_are_followed_to_where_one_must_stop(home):
    browser = Browser()
    page = browser.go(Going(f"{home}/away?to={home}/round"), stop_before=f"{home}/round")
    assert (page.status, page.location) == (302, f"{home}/round")


@pytest.mark.parametrize("to", ["/round", "/away?to=javascript:alert(1)", "/away?to=file:///etc/passwd"])
def test_a_way_without_an_end_or_out_of_the_web_is_told(home, to):
    with pytest.raises(NoAnswer):
        Browser().go(Going(f"{home}{to}"))


def test_nobody_there_is_told():
    with pytest.raises(NoAnswer, match="no answer from http://localhost:"):
        Browser().go(Going(f"http://localhost:{free_port()}/"))


def test_a_form_is_read_with_its_values_and_the_words_on_it():
    html = """<a href="/help">Help <img alt="me"></a><form action="/in" method="POST"><input name="token" value="t">
    <input type="checkbox" name="stay"><select></select><button name="go" value="1">S’identifier</button></form>"""
    link, form = links_of(html)
    assert (link.address, link.words.split(), link.form) == ("/help", ["Help", "me"], False)
    assert (form.address, form.method, form.fields) == ("/in", "post", {"token": "t", "go": "1"})
    assert "S’identifier" in form.words
