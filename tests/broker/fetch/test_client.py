"""Asking: bounds on time and size, and connections that are kept, against a server that misbehaves."""

import logging
import os
import time
from dataclasses import replace

import pytest

import broker.fetch.client
from broker.fetch import LARGEST, Fetcher, FetchFailed
from oidc.messages import HttpRequest
from tests.broker.fetch.peer import OK, answer, answers, fetcher, get, kind

pytestmark = pytest.mark.loopback
EMPTY_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_answer_comes_as_it_is(peer):
    response = get(peer(answer(OK)).port)
    assert (response.status, response.headers["content-type"], response.body) == (200, "application/json", b"{}")


def test_the_query_and_the_name_reach_the_peer_and_no_cookie_does(peer):
    served = peer(answer(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")))
    fetch = fetcher()
    get(served.port, fetch=fetch)
    get(served.port, "/path?a=1&b=2", fetch=fetch)
    head = served.requests[1].decode()
    assert head.startswith("GET /path?a=1&b=2 HTTP/1.1\r\n")
    assert f"Host: fi.localhost:{served.port}" in head
    assert "User-Agent: Passerelle\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head
    assert "Cookie" not in head


def test_a_body_reaches_the_peer(peer):
    served = peer(answer(OK))
    get(served.port, method="POST", body=b"code=1")
    assert served.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"Content-Length: 6\r\n" in served.requests[0]


def test_the_proxies_of_the_environment_are_not_used(peer, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert get(peer(answer(OK)).port).status == 200


def test_headers_of_one_name_are_one_list(peer):
    served = peer(answer(OK.replace(b"\r\n\r\n", b"\r\nVary: \t a \r\nX-Odd: \xe9\r\nX-None:\r\nvary: b\t\r\n\r\n")))
    headers = get(served.port).headers
    assert (headers["vary"], headers["x-odd"], headers["x-none"]) == ("a, b", "é", "")


def test_a_name_that_is_not_ascii_is_told_as_the_dns_knows_it(peer):
    served = peer(answer(OK))
    get(served.port, host="impôts.localhost")
    assert f"Host: xn--impts-8ta.localhost:{served.port}\r\n".encode() in served.requests[0]


def test_a_password_in_an_address_is_not_told(peer):
    served = peer(answer(OK))
    get(served.port, host="somebody:secret@fi.localhost")
    assert f"Host: fi.localhost:{served.port}\r\n".encode() in served.requests[0]
    assert b"secret" not in served.requests[0]


def test_an_answer_that_comes_byte_by_byte_is_read(peer):
    def slowly(connection):
        for octet in EMPTY_CHUNKED + b"1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: z\r\n\r\n":
            connection.sendall(bytes([octet]))

    response = get(peer(slowly).port)
    assert (response.headers, response.body) == ({"transfer-encoding": "chunked"}, b"{}")


@pytest.mark.parametrize(
    "endless",
    [b"HTTP/1.1 200 OK\r\nX: ", EMPTY_CHUNKED + b"0\r\nX: ", EMPTY_CHUNKED + b"1;", b"HTTP/1.1 100 "],
    ids=["header", "trailer", "chunk-extension", "interim"],
)
def test_what_is_no_content_has_an_end_too(peer, endless):
    def flood(connection):
        connection.sendall(endless)
        for _ in range(2 * LARGEST // 1024):
            connection.sendall(b"x" * 1024)
        time.sleep(1)

    assert kind(lambda: get(peer(flood).port, fetch=fetcher(total=3))) == "protocol"


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 Trouv\xe9\r\nContent-Length:  2  \r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n02;a="b c"\r\n{}\r\n0\r\n\r\n',
        b"HTTP/1.1 200 OK\r\nConnection: Upgrade, Keep-Alive\r\nUpgrade: h2\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["no-reason", "reason-not-ascii", "old", "chunk-extension", "upgrade-offered"],
)
def test_what_servers_also_write_is_read(peer, content):
    served, fetch = peer(answer(content)), fetcher()
    assert [get(served.port, fetch=fetch).body for _ in range(2)] == [b"{}", b"{}"]
    assert served.connections == 1


def test_an_answer_without_a_length_ends_with_its_connection(peer):
    served = peer(lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}"), "close")[1])
    assert get(served.port).body == b"{}"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_content_is_whole_with_its_head(peer, status):
    served, fetch = peer(answer(b"HTTP/1.1 %d Nothing\r\n\r\n" % status)), fetcher()
    assert [get(served.port, fetch=fetch).status for _ in range(2)] == [status, status]
    assert served.connections == 1


def test_a_redirect_is_returned_and_not_followed(peer):
    served = peer(answer(b"HTTP/1.1 302 Found\r\nLocation: http://fi.localhost/other\r\nContent-Length: 0\r\n\r\n"))
    assert get(served.port).status == 302
    assert len(served.requests) == 1


# -- connections that are kept


@pytest.mark.parametrize("content", [OK, EMPTY_CHUNKED + b"2\r\n{}\r\n0\r\n\r\n"], ids=["length", "chunked"])
def test_a_connection_is_kept_for_the_next_request(peer, content):
    served, fetch = peer(answer(content)), fetcher()
    assert [get(served.port, fetch=fetch).body for _ in range(3)] == [b"{}"] * 3
    assert (served.connections, len(served.requests)) == (1, 3)


def test_a_connection_that_the_peer_closed_is_opened_anew(peer):
    served, fetch = peer(lambda connection: (connection.sendall(OK), "close")[1]), fetcher()
    get(served.port, fetch=fetch)
    time.sleep(0.05)
    assert get(served.port, fetch=fetch, method="POST", body=b"code=1").status == 200


def test_an_answer_that_says_close_is_believed(peer):
    served, fetch = peer(answer(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")), fetcher()
    assert [get(served.port, fetch=fetch).status for _ in range(2)] == [200, 200]
    assert served.connections == 2


def test_a_get_whose_kept_connection_ends_unanswered_is_asked_again(peer):
    served, fetch = peer(answers(OK, None, OK)), fetcher()
    assert [get(served.port, fetch=fetch).status for _ in range(2)] == [200, 200]
    assert (served.connections, len(served.requests)) == (2, 3)


def test_a_post_is_never_asked_twice(peer):
    served, fetch = peer(answers(OK, None, OK)), fetcher()
    get(served.port, fetch=fetch)
    assert kind(lambda: get(served.port, fetch=fetch, method="POST", body=b"code=1")) == "protocol"
    assert len(served.requests) == 2


def test_a_get_on_a_new_connection_is_not_asked_again(peer):
    served = peer(answers(None, OK))
    assert kind(lambda: get(served.port)) == "protocol"
    assert len(served.requests) == 1


def test_a_connection_that_was_long_unused_is_not_trusted(peer, monkeypatch):
    monkeypatch.setattr(broker.fetch.client, "_KEPT_SECONDS", 0.0)
    served, fetch = peer(answer(OK)), fetcher()
    assert [get(served.port, fetch=fetch).status for _ in range(2)] == [200, 200]
    assert served.connections == 2


def test_no_more_connections_are_kept_than_a_few(peer, monkeypatch):
    monkeypatch.setattr(broker.fetch.client, "_MOST_KEPT", 0)
    served, fetch = peer(answer(OK)), fetcher()
    assert [get(served.port, fetch=fetch).status for _ in range(2)] == [200, 200]
    assert served.connections == 2


def test_a_connection_to_a_private_network_does_not_serve_a_request_that_may_not_go_there(peer):
    served, fetch = peer(answer(OK)), fetcher()
    get(served.port, fetch=fetch)
    assert kind(lambda: get(served.port, fetch=fetch, allow_private=False)) == "private-address"


def test_a_forked_worker_does_not_speak_on_the_connections_of_its_parent(peer):
    served, fetch = peer(answer(OK)), fetcher()
    get(served.port, fetch=fetch)
    child = os.fork()
    if child == 0:
        os._exit(0 if get(served.port, fetch=fetch).status == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert served.connections == 2


# -- time and size


def test_a_peer_that_says_nothing_is_left_in_time(peer):
    began = time.monotonic()
    assert kind(lambda: get(peer(lambda connection: time.sleep(3)).port)) == "timeout"
    assert time.monotonic() - began < 2


def drip(beginning, piece, pause=0.05, times=60):
    """A behaviour: three seconds of a little now and then."""

    def behave(connection):
        connection.sendall(beginning)
        for _ in range(times):
            connection.sendall(piece)
            time.sleep(pause)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drip(EMPTY_CHUNKED, b"1\r\nx\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"x", pause=0.45, times=7),
    ],
    ids=["head", "body", "without-length", "chunks", "each-piece-just-in-time"],
)
def test_an_answer_that_drips_is_left_in_time(peer, behave):
    began = time.monotonic()
    assert kind(lambda: get(peer(behave).port)) == "timeout"
    assert time.monotonic() - began < 1.5


def test_interim_answers_without_end_are_not_waited_for(peer):
    def behave(connection):
        until = time.monotonic() + 3
        while time.monotonic() < until:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
        return "close"

    began = time.monotonic()
    assert kind(lambda: get(peer(behave).port)) == "protocol"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("head", [b"Content-Length: 10000000\r\n", b"Connection: close\r\n"])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(peer, head):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"x" * (LARGEST + 1))
        time.sleep(1)

    assert kind(lambda: get(peer(flood).port, fetch=fetcher(total=3))) == "too-large"


def test_the_largest_answer_comes_whole(peer):
    content = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGEST + b"x" * LARGEST
    assert len(get(peer(answer(content)).port, fetch=fetcher(total=3)).body) == LARGEST


# -- answers that are none


def test_what_is_left_of_a_large_answer_does_not_spoil_the_next(peer):
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + b"x" * 400_000
    served, fetch = peer(answers(large, OK)), fetcher(total=3)
    kind(lambda: get(served.port, fetch=fetch))
    assert get(served.port, fetch=fetch).body == b"{}"


def test_an_interim_answer_is_not_taken_for_the_true_one(peer):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    served, fetch = peer(answers(hints + hints + OK, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")), fetcher()
    response = get(served.port, fetch=fetch)
    assert (response.status, response.headers, response.body) == (
        200,
        {"content-type": "application/json", "content-length": "2"},
        b"{}",
    )
    assert get(served.port, fetch=fetch).status == 404
    assert served.connections == 1


def test_what_nobody_asked_is_not_taken_for_the_next_answer(peer):
    served, fetch = peer(answers(OK, OK)), fetcher()
    served_twice = peer(lambda connection: (connection.sendall(OK), time.sleep(0.05), connection.sendall(OK))[0])
    assert [get(each.port, fetch=fetch).status for each in (served, served_twice)] == [200, 200]
    time.sleep(0.1)
    get(served_twice.port, fetch=fetch)
    assert served_twice.connections == 2


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        EMPTY_CHUNKED + b"50\r\nshort",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"Content-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"HTTP/1.1 200 OK\r\nX: y",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        OK + OK,
        OK + b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        EMPTY_CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n") + b"2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x0bchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        EMPTY_CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + OK,
        b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
        b"GET / HTTP/1.1\r\nHost: fi.localhost\r\n\r\n",
    ],
    ids=[
        *("nonsense", "truncated", "truncated-chunk", "headers", "headers-in-one-piece", "long-header", "no-end-of-head"),
        *(
            "compressed",
            "compressed-on-its-way",
            "upgrade",
            "two-answers",
            "a-request-behind-it",
            "two-lengths",
            "length-and-chunks",
        ),
        *(
            "negative-length",
            "space-before-colon",
            "folded",
            "lines-without-return",
            "zero",
            "return-alone",
            "signed-length",
        ),
        *("hidden-chunks", "endless-chunk", "an-answer-behind-the-last", "content-where-none-is", "a-request"),
    ],
)
def test_an_answer_that_is_not_one_is_a_protocol_error(peer, content):
    served = peer(lambda connection: (connection.sendall(content), "close")[1])
    assert kind(lambda: get(served.port)) == "protocol"


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("GET", "http://fi.localhost:99999/", {}, b""),
        HttpRequest("GET", "http://[::1/", {}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/", {"Authorization": "Bearer a\r\nX: y"}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/", {"Authorization": "Bearer €"}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/", {"X: y\r\nAuthorization": "a"}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/", {"Authorization:": "a"}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/a b HTTP/1.1", {}, b""),
        HttpRequest("GET", "http://fi.localhost:{port}/?é", {}, b""),
        HttpRequest("GET /?a=b HTTP/1.1\r\nX: y\r\nGET", "http://fi.localhost:{port}/", {}, b""),
        HttpRequest("GET", "http://é@fi.localhost:{port}/\x00", {}, b""),
    ],
    ids=[
        *("port", "host", "header-of-two-lines", "header-not-latin", "name-of-two-lines", "name-with-colon"),
        *("address-with-space", "address-not-ascii", "method-of-two-lines", "address-with-zero"),
    ],
)
def test_a_request_that_is_not_one_is_a_protocol_error(peer, request_):
    url = request_.url.format(port=peer(answer(OK)).port)
    request = replace(request_, url=url)
    assert kind(lambda: fetcher()(request, allow_private=True)) == "protocol"


# -- what is told


@pytest.mark.parametrize("url", ["http://provider.example/", "ftp://provider.example/", "file:///etc/passwd", "https:///x"])
def test_only_https_is_spoken_outside_the_sandbox(url):
    assert kind(lambda: Fetcher()(HttpRequest("GET", url, {}, b""))) == "scheme"


def test_a_failure_names_the_host_and_nothing_of_the_query(peer):
    with pytest.raises(FetchFailed) as failed:
        get(peer(answer(b"nonsense\r\n\r\n")).port, "/?code=secret")
    assert str(failed.value) == "protocol at fi.localhost"


def test_no_log_line_holds_the_query(peer, caplog):
    caplog.set_level(logging.DEBUG)
    odd = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon\r\n\r\n{}"
    served = peer(answers(OK, odd))
    get(served.port, "/?code=secret")
    kind(lambda: get(served.port, "/?code=secret"))
    assert "secret" not in caplog.text
