"""What a code and an access token stand for, sealed under themselves, and how long each counts.

The key is handed on: the code opens the row that the citizen's confirmation wrote, the access token opens the one that the
code was changed into. Both belong to one *grant*, derived from the code: the only clear trace, and while its row stands the
token counts. So the replay of a code, revocation and logout each end everything by deleting one row.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broker.journey import Release
from broker.relying.data import DataRelease
from broker.vault import Drawer, Vault
from oidc.errors import OAuthError
from oidc.token_endpoint import CodeBinding

CODE_LIFE = 30
TOKEN_LIFE = 60
"""Seconds that a token counts which is for no data provider, and that its answers count."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for until it is changed into tokens.

    `release` has the claims of the userinfo, `told` those of the ID token, `data` what data providers may be told, by their
    ids. `scope` is what was granted.
    """

    client_id: str
    service: str
    binding: CodeBinding
    nonce: str
    scope: str
    release: Release
    grant: bytes
    reference: str
    acr: str
    told: Mapping[str, object]
    data: Mapping[str, DataRelease] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token opens: the userinfo, and at the data providers of `data`, by their ids, what each is told.

    It was `issued` then (Unix seconds). One with a `resource` is for that data provider alone and opens no userinfo; one
    with `jkt`, the thumbprint of a key, counts only with proofs of that key.
    """

    client_id: str
    service: str
    release: Release
    grant: bytes
    reference: str
    scope: str
    issued: int
    data: Mapping[str, DataRelease] = field(default_factory=dict)
    resource: str = ""
    jkt: str = ""

    @property
    def life(self) -> int:
        """The seconds that it counts: as long as every data provider may be asked for which it is."""
        return min((one.life for one in self.data.values()), default=TOKEN_LIFE)


CODES: Drawer[Code] = Drawer("code", Code)
TOKENS: Drawer[Token] = Drawer("token", Token)


def token_of(code: Code, now: int, resource: str, data_provider: str, jkt: str) -> Token:
    """The token that a code gives: for the data provider that has this resource, or for everybody when it names none ("").

    What it does not open it does not hold.
    """
    data = {one: release for one, release in code.data.items() if not resource or one == data_provider}
    opened = {scope for release in data.values() for scope in release.scopes}
    scopes = [scope for scope in code.scope.split() if not resource or scope == "openid" or scope in opened]
    release = replace(code.release, claims={}) if resource else code.release
    return Token(
        client_id=code.client_id,
        service=code.service,
        release=release,
        grant=code.grant,
        reference=code.reference,
        scope=" ".join(scopes),
        issued=now,
        data=data,
        resource=resource,
        jkt=jkt,
    )


def longest_life(data: Mapping[str, DataRelease]) -> int:
    """The seconds that any token of a code can count: one for a single data provider counts as long as that may ask."""
    return max((one.life for one in data.values()), default=TOKEN_LIFE)


def grant_of(code: bytes) -> bytes:
    """The id of the grant that a code opens: whoever holds the code can name it, the store alone cannot."""
    return hmac.digest(code, b"grant", hashlib.sha256)


def nobodys(secret: bytes) -> bytes:
    """The id of a grant which nobody has: to look for it is as much work as to look for one that there is."""
    return hmac.digest(secret, b"nobody's", hashlib.sha256)


def check_grant(vault: Vault, grant: bytes) -> None:
    """A code counts while its grant stands: not after a logout, a replay, or its time (RFC 6749 4.1.2)."""
    if not vault.store.grant_stands(grant):
        raise OAuthError("invalid_grant", "code is unknown, expired, was used before, or its login has ended")
