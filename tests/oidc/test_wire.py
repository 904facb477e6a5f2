"""What both roles do with what comes from strangers."""

import pytest

from oidc.errors import BadAnswer
from oidc.wire import read_object, same, with_query


def test_an_object_in_utf8_is_read() -> None:
    assert read_object('{"a":"é\\u00e9"}'.encode(), "it") == {"a": "éé"}


def test_the_error_names_the_document() -> None:
    with pytest.raises(BadAnswer, match="the key set is not JSON"):
        read_object(b"<html>", "the key set")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a":1}{',
        b"\xff\xfe",
        "{}".encode("utf-16"),
        b'{"a":' * 50_000,
        b'{"a":"\\udc00"}',
    ],
    ids=lambda document: str(document[:12]),
)
def test_what_is_no_object_is_refused(document: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_object(document, "it")


def test_an_object_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadAnswer, match="it is too large"):
        read_object(b"{}" + b" " * 262_143, "it")


@pytest.mark.parametrize("received", ["", "abd", "ab", "ab\0", "abc\ud800", None, 1, ["abc"], b"abc"])
def test_only_the_same_text_is_the_same(received: object) -> None:
    assert not same(received, "abc")
    assert same("abc", "abc")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb?x=y+z"),
        ("https://a.example/cb?k=v", "https://a.example/cb?k=v&x=y+z"),
        ("https://a.example/cb?", "https://a.example/cb?x=y+z"),
        ("https://a.example/cb?k=v&", "https://a.example/cb?k=v&x=y+z"),
        ("fr.example.app:/cb", "fr.example.app:/cb?x=y+z"),
    ],
)
def test_fields_are_added_to_whatever_query_is_there(uri: str, expected: str) -> None:
    assert with_query(uri, {"x": "y z"}) == expected
