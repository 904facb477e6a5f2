"""Which data provider a token is for: resource indicators (RFC 8707).

A service may name resources when it asks, and one of them when it changes the code; a token is for one resource, or for
none in particular. `Client.resources` are those that may be named at all.
"""

import re
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from oidc.errors import OAuthError

PARAMETER = "resource"
_MOST = 20
_WRITTEN = re.compile(r"[!-~]{1,512}")


def check_resources(named: Sequence[str], registered: Collection[str]) -> None:
    """RFC 8707 2: each is an absolute URI without a fragment, and the resource of a data provider that may be asked."""
    check_few(named)
    for resource in named:
        check_resource(resource, registered)


def check_few(named: Sequence[str]) -> None:
    """A request names at most 20 resources: what a stranger can make us do is bounded."""
    if len(named) > _MOST:
        raise OAuthError("invalid_target", f"resource is sent more than {_MOST} times")


def check_resource(resource: str, registered: Collection[str]) -> None:
    """RFC 8707 2: a resource is an absolute URI without a fragment, character for character a registered one."""
    if not _is_absolute(resource):
        raise OAuthError("invalid_target", "resource must be an absolute URI without a fragment")
    if resource not in registered:
        known = " ".join(sorted(registered)) or "none"
        raise OAuthError("invalid_target", f"resource is not one that this service may ask for; these are: {known}")


def _is_absolute(resource: str) -> bool:
    if not _WRITTEN.fullmatch(resource) or "#" in resource:
        return False
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def check_one_resource(named: Sequence[str]) -> None:
    """RFC 8707 2.2, as we limit it: a token is for one resource, so that no data provider can use it at another."""
    if len(named) > 1:
        raise OAuthError("invalid_target", "one resource a token: name one, and log in again for another")


def check_resource_asked(named: Sequence[str], asked: Sequence[str]) -> None:
    """RFC 8707 2.2: what the authorization request did not name, when it named any, the citizen has not agreed to."""
    if asked and not set(named) <= set(asked):
        raise OAuthError("invalid_target", "resource is not one of those of the authorization request")


def check_resource_chosen(named: Sequence[str], asked: Sequence[str]) -> None:
    """RFC 8707 2.2: of several resources of the authorization request the token request must choose one."""
    if not named and len(asked) > 1:
        raise OAuthError("invalid_target", "the authorization request named several resources: name one of them here")


def resource_of_token(named: Sequence[str], asked: Sequence[str], registered: Collection[str]) -> str | None:
    """The resource that a token is for, of those named in the token request and asked in the authorization request.

    None when neither named any. Raises OAuthError.
    """
    check_one_resource(named)
    check_resource_chosen(named, asked)
    chosen = named or asked
    check_resources(chosen, registered)  # what was agreed to may have been taken away since
    check_resource_asked(chosen, asked)
    return chosen[0] if chosen else None
