"""Whether two addresses are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.address import normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://a.example/%7euser", "https://a.example/~user"),
        ("https://a.example/a%2fb", "https://a.example/a%2Fb"),
        ("https://a.example/a/b/.", "https://a.example/a/b/"),
        ("https://a.example/a/b/..", "https://a.example/a/"),
        ("https://a.example/../../a", "https://a.example/a"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]/"),
    ],
)
def test_the_one_form_is_that_of_rfc_3986(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/a", "https://a.example/a/"),
        ("https://a.example/a//b", "https://a.example/a/b"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/a%252F", "https://a.example/a%2F"),
    ],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/path",
        "//a.example/",
        "ftp://a.example/",
        "https:///path",
        "https://u@a.example/",
        "https://@a.example/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://[::1/",
        "https://a.example/ x",
        "https://\u0430.example/",
    ],
)
def test_what_is_no_address_has_no_form(text: str) -> None:
    assert normalised(text) is None


@given(st.text() | st.from_regex(r"[a-z./%?#:@0-9]{0,30}", fullmatch=True))
def test_an_address_has_one_form_or_none(text: str) -> None:
    form = normalised(f"https://a.example/{text}")
    if form is not None:
        scheme, host, port, path = form
        assert normalised(f"{scheme}://{host}:{port}{path}") == form
