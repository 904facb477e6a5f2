"""Tokens that only the partner can open for whom they are: whose key, and what happens when it cannot be had."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.parties import DataProvider, Service
from broker.relying.keys import KeySource
from oidc.encryption import Recipient, encrypt_jwt
from oidc.errors import OAuthError, UnknownKey


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a signed token is put into; a partner that wants none gets it as it is."""

    issuer: str
    client_id: str
    recipient: Recipient | None

    def around(self, token: str) -> str:
        """The token as it is sent."""
        return encrypt_jwt(token, self.recipient, self.issuer, self.client_id) if self.recipient else token


def envelope(partner: Service | DataProvider, keys: Mapping[str, KeySource], issuer: str) -> Envelope:
    """The envelope for a partner, made before its code is taken: without its key the login is not lost, only later.

    Raises OAuthError temporarily_unavailable. A token that was to be encrypted is never sent as it is.
    """
    if not partner.encrypt:
        return Envelope(issuer, partner.client_id, None)
    try:
        recipient = keys[partner.client_id].use(lambda known: known.recipient(partner.encrypt))
    except (UnknownKey, KeyError) as unknown:
        why = unknown.detail if isinstance(unknown, UnknownKey) else "it has no keys"
        raise OAuthError("temporarily_unavailable", f"the token cannot be encrypted: {why}", 503) from unknown
    return Envelope(issuer, partner.client_id, recipient)
