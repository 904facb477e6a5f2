"""What goes back to a service from the authorization endpoint, as fields, and how it travels."""

from collections.abc import Mapping

from oidc.wire import with_query

QUERY, FORM_POST = "query", "form_post"
"""The values of response_mode (OAuth 2.0 Multiple Response Types 2.1, Form Post Response Mode 2)."""


def takes_posts(redirect_uri: str) -> bool:
    """Whether a form can be posted there: an app's own scheme takes none."""
    return redirect_uri.startswith(("https://", "http://"))


def success(state: str, code: str, issuer: str) -> dict[str, str]:
    """What carries a code back to the service (RFC 6749 4.1.2; iss: RFC 9207)."""
    return {"code": code, "state": state, "iss": issuer}


def refusal(state: str | None, issuer: str, *, error: str, description: str, error_uri: str) -> dict[str, str]:
    """What carries an error back to the service (RFC 6749 4.1.2.1). No state in, no state out."""
    fields = {"error": error, "error_description": description, "error_uri": error_uri, "iss": issuer}
    return fields if state is None else {**fields, "state": state}


def in_query(redirect_uri: str, fields: Mapping[str, str]) -> str:
    """The address that carries an answer, in response_mode query."""
    return with_query(redirect_uri, fields)
