"""A data provider asks what a token is worth: who stands behind it, and what it may deliver.

Whatever the token is, the work is the same: one row is looked for, one grant is asked for, one answer is signed. For what
is not good at this data provider that is a grant which nobody has. So nobody can tell by the time whether what he found is
a token of somebody else, one that was withdrawn, or none.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.journal import Journal
from broker.parties import DataProvider
from broker.reference import new_reference
from broker.relying.data import DataRelease, allowed_today
from broker.relying.encrypting import envelope
from broker.relying.issuer import Issuer
from broker.relying.tokens import TOKENS, Token, nobodys
from broker.vault import Held, Vault
from oidc.introspection import INACTIVE, JSON, JWT, active_answer, introspection_jwt, standard_answer


@dataclass(frozen=True, slots=True)
class _Good:
    """A token that is good at a data provider as far as can be seen without its grant, and what that may be told."""

    token: Token
    expires: int
    release: DataRelease = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a data provider, of a `kind` (its media type), and whether the token is `active`."""

    active: bool
    kind: str
    content: str = field(repr=False)


class Checking:
    """What tokens are worth, for the data providers of one instance."""

    def __init__(self, issuer: Issuer, vault: Vault, journal: Journal) -> None:
        self._issuer = issuer
        self._vault = vault
        self._journal = journal

    def check(self, one: DataProvider, access_token: str, plain: bool = False) -> Checked:
        """What a token is worth at this data provider: in a JWT (RFC 9701), or `plain`, in JSON (RFC 7662).

        Whoever wants encrypted answers gets no other. Raises OAuthError temporarily_unavailable when his key cannot be had.
        """
        if plain and not one.encrypt:
            answer = self._answer(one, access_token)
            about = standard_answer(answer, self._issuer.url, one.resource or one.client_id) if answer["active"] else answer
            return Checked(answer["active"] is True, JSON, json.dumps(about))
        around = envelope(one, self._issuer.keys, self._issuer.url)
        answer = self._answer(one, access_token)
        signer = self._issuer.keyring.signing(one.algorithm)
        token = introspection_jwt(answer, self._issuer.url, one.client_id, self._issuer.clock(), signer)
        return Checked(answer["active"] is True, JWT, around.around(token))

    def _answer(self, one: DataProvider, access_token: str) -> Mapping[str, object]:
        """In FranceConnect's words; INACTIVE for whatever is not good here."""
        secret = access_token.encode()
        good = self._good(self._vault.find(TOKENS, secret), one)
        grant = good.token.grant if good else nobodys(secret)
        stands = self._vault.store.note_check(grant, one.id, self._issuer.clock())
        self._record(one, good if stands else None)
        return _told(good, one, secret) if good and stands else INACTIVE

    def _good(self, held: Held[Token] | None, one: DataProvider) -> _Good | None:
        release = held.value.data.get(one.id) if held else None
        if held is None or release is None:
            return None
        allowed = allowed_today(self._issuer.parties, held.value.service, one, release)
        return _Good(held.value, held.expires, allowed) if allowed else None

    def _record(self, one: DataProvider, good: _Good | None) -> None:
        """Of what is not good there is no more to say than who asked."""
        if good is None:
            self._journal.record("data.checked", new_reference(), data_provider=one.id, active="no")
            return
        words = {"service": good.token.service, "data_provider": one.id, "scopes": " ".join(good.release.scopes)}
        self._journal.record("data.checked", good.token.reference, **words, active="yes")


def _told(good: _Good, one: DataProvider, secret: bytes) -> dict[str, object]:
    token, release = good.token, good.release
    return active_answer(
        client_id=token.client_id,
        sub=release.sub,
        iat=token.issued,
        exp=good.expires,
        jti=_name(secret, one),
        acr=token.release.level.acr,
        scope=" ".join(release.scopes),
        claims=release.claims,
        jkt=token.jkt or None,
    )


def _name(secret: bytes, one: DataProvider) -> str:
    """The name of a token for one data provider: the same each time, and of no use to compare with another's."""
    digest = hmac.digest(secret, f"jti {one.id}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
