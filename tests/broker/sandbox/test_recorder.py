"""Every message is kept as it was, within bounds."""

import io

from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from broker.sandbox.recorder import Recorder


@Request.application
def echo(request):
    return Response(b"got " + request.get_data(), 201, {"X-Answer": "yes"}, mimetype="text/plain")


def recording():
    recorder = Recorder(lambda: 1000)
    return recorder, Client(recorder.around(echo, "fi.localhost"))


def test_an_exchange_is_kept_whole():
    recorder, client = recording()
    answer = client.post("/token?a=b", data=b"body", headers={"X-Asked": "yes"})
    (kept,) = recorder.exchanges()
    assert (answer.get_data(), kept.answer, kept.body) == (b"got body", b"got body", b"body")
    assert (kept.method, kept.url, kept.status, kept.at) == ("POST", "fi.localhost/token?a=b", 201, 1000)
    assert b"X-Asked: yes" in kept.sent()
    assert b"X-Answer: yes" in kept.answered()


def test_who_sent_it_is_told_by_the_agent():
    recorder, client = recording()
    for agent in ("Mozilla/5.0", "Passerelle", "Simulated-party fs.localhost"):
        client.get("/", headers={"User-Agent": agent})
    assert [kept.sender for kept in recorder.exchanges()] == ["browser", "fc.localhost", "fs.localhost"]


def test_a_party_received_what_it_was_sent_and_what_it_was_answered():
    recorder, client = recording()
    client.get("/asked", headers={"User-Agent": "Passerelle"})
    assert b"/asked" in recorder.received_by("fi.localhost")
    assert b"got" not in recorder.received_by("fi.localhost")
    assert b"got" in recorder.received_by("fc.localhost")
    assert b"/asked" not in recorder.received_by("fc.localhost")


def test_stylesheets_are_not_worth_keeping():
    recorder, client = recording()
    client.get("/static/simulated.css")
    client.get("/favicon.ico")
    assert recorder.exchanges() == []


def test_only_the_last_hundreds_are_kept():
    recorder, client = recording()
    for _ in range(601):
        client.get("/")
    assert [len(recorder.exchanges()), recorder.exchanges()[0].number] == [600, 2]


def test_a_long_body_is_passed_whole_and_kept_in_part():
    recorder, client = recording()
    answer = client.post("/", input_stream=io.BytesIO(b"x" * 70_000), content_length=70_000)
    assert [len(answer.get_data()), len(recorder.exchanges()[0].body)] == [70_004, 65_536]
