"""What goes back to a service, and how it travels."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from oidc.answering import in_query, refusal, success, takes_posts
from tests.oidc.cases import OURS


def test_the_code_goes_back_with_state_and_issuer() -> None:
    query = urlsplit(in_query("https://mairie.example/retour", success("a&b=c é", "code", OURS))).query
    assert dict(parse_qsl(query)) == {"code": "code", "state": "a&b=c é", "iss": OURS}


def test_an_address_with_a_query_keeps_it() -> None:
    assert parse_qs(urlsplit(in_query("https://mairie.example/autre?k=v", success("s", "c", OURS))).query)["k"] == ["v"]


def test_a_refusal_carries_all_that_a_service_needs() -> None:
    fields = refusal("s", OURS, error="access_denied", description="no", error_uri="https://a/#b")
    expected = {"error": "access_denied", "error_description": "no", "error_uri": "https://a/#b", "iss": OURS, "state": "s"}
    assert dict(parse_qsl(urlsplit(in_query("https://m.example/", fields)).query)) == expected


def test_no_state_in_no_state_out() -> None:
    assert "state" not in refusal(None, OURS, error="e", description="d", error_uri="u")


@pytest.mark.parametrize(
    ("address", "takes"),
    [("https://mairie.example/retour", True), ("http://mairie.localhost/", True), ("com.example:/retour", False)],
)
def test_a_form_is_posted_over_http_alone(address: str, takes: bool) -> None:
    assert takes_posts(address) is takes
