"""A service gives its token back (RFC 7009): from then on it opens nothing, nor does anything else of the same login.

What a token is, is a secret between us and its service: a stranger's token, one that is no more and one that never was get
the same answer as one's own. So nobody learns here whether something that he found is a token (RFC 7009 2.2).
"""

from dataclasses import dataclass, field

from oidc.errors import OAuthError
from oidc.messages import Params
from oidc.token_endpoint import Credentials, read_credentials


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token to be ended, and how the client says who it is."""

    token: str = field(repr=False)
    credentials: Credentials


def read_revocation(params: Params, authorization: str | None) -> Revocation:
    """The request in a form body and an Authorization header. Raises OAuthError.

    A hint of what kind of token it is changes nothing: there is one kind (RFC 7009 2.1).
    """
    credentials = read_credentials(params, authorization)
    token = dict(params).get("token", "")
    check_token_there(token)
    return Revocation(token, credentials)


def check_token_there(token: str) -> None:
    """RFC 7009 2.1: token is required."""
    if not token:
        raise OAuthError("invalid_request", "token is missing")
