"""How messages are refused: towards services by the protocol's own errors, from providers by what was wrong with them.

Descriptions are English, stable and ASCII (RFC 6749 allows no more); none repeats a value of a person.
"""


class OAuthError(Exception):
    """An error of RFC 6749, RFC 6750 or OpenID Connect. `status` is the HTTP status at the token and userinfo endpoints."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class Untrusted(OAuthError):
    """The sender is not known to be who it says: nobody may be redirected on its word (RFC 6749 3.1.2.4)."""


class UnknownClient(Untrusted):
    """No registered client has this client_id."""

    def __init__(self) -> None:
        super().__init__("invalid_request", "client_id is missing or unknown")


class UnregisteredRedirect(Untrusted):
    """The address to go back to is not one that the client registered, character for character."""

    def __init__(self, client_id: str, received: str, registered: tuple[str, ...]) -> None:
        super().__init__("invalid_request", "the address to return to is not registered for this client")
        self.client_id = client_id
        self.received = received
        self.registered = registered


class RequestUnusable(Untrusted):
    """A request by name or in a signed object that cannot be used: what it asked is not known, so nobody is redirected."""

    def __init__(self, client_id: str, error: str, description: str) -> None:
        super().__init__(error, description)
        self.client_id = client_id


class ObjectRefused(OAuthError):
    """A request object that must not be believed (RFC 9101 7)."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_request_object", f"request: {description}")


class AssertionRefused(OAuthError):
    """A client's signed assertion that must not be believed (RFC 7521 4.2.1)."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_client", f"private_key_jwt: {description}", 401)


class ProofRefused(OAuthError):
    """A DPoP proof that must not be believed (RFC 9449 5, 7.1). `status` is 401 where it came with an access token."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__("invalid_dpop_proof", f"DPoP proof: {description}", status)


class KeyBound(OAuthError):
    """A token that is bound to a key was sent as a bearer token (RFC 9449 7.2): the challenge says how to send it."""

    def __init__(self) -> None:
        description = "the access token is bound to a key: send it as DPoP, with a proof"
        super().__init__("invalid_token", description, 401)


class TooOften(OAuthError):
    """Somebody asks more often than he may (RFC 6585 4). He may again `after` so many seconds."""

    def __init__(self, description: str, after: int) -> None:
        super().__init__("temporarily_unavailable", description, 429)
        self.after = after


class AuthorizationRefused(OAuthError):
    """An authorization request whose error may be redirected: client and address are proven."""

    def __init__(
        self,
        error: str,
        description: str,
        *,
        client_id: str,
        redirect_uri: str,
        state: str | None,
        response_mode: str = "query",
    ) -> None:
        super().__init__(error, description)
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.state = state
        self.response_mode = response_mode


class HintRefused(OAuthError):
    """An id_token_hint that we did not issue, or not to this client."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_request", description)


class BadAnswer(Exception):
    """A provider's answer that must not be trusted. `detail` says why, in English, without personal data."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unreadable(BadAnswer):
    """What the provider sent is not even a document of the kind that it should be."""


class UnknownKey(BadAnswer):
    """A token names a key that is not among the provider's keys, as far as we have fetched them."""


class ProviderRefused(Exception):
    """The provider answered with an error (OpenID Connect Core 3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class InsufficientLevel(Exception):
    """The provider authenticated the person at a lower level than was asked, or named none that we know."""

    def __init__(self, asked: str, got: str) -> None:
        super().__init__(f"asked {asked}, got {got}")
        self.asked = asked
        self.got = got


class SignatureRefused(Exception):
    """A signature over a file that does not count. `detail` says why, in English."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class LogoutUnheard(Exception):
    """A service has not confirmed that a session is over; it may later."""


class LogoutRefused(LogoutUnheard):
    """A service says that it does not end the session, and would say so again (Back-Channel Logout 2.8)."""
