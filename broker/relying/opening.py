"""A service opens its access token, for the claims of the userinfo, or gives it back."""

from dataclasses import dataclass, field

from broker.parties import Service
from broker.relying.encrypting import envelope
from broker.relying.issuer import Issuer
from broker.relying.once import spend_proof
from broker.relying.tokens import TOKEN_LIFE, TOKENS, Token, nobodys
from broker.vault import Vault
from oidc.dpop import BEARER, read_use
from oidc.errors import OAuthError
from oidc.tokens import sign_jwt


@dataclass(frozen=True, slots=True)
class Shown:
    """How a request presents an access token: by which scheme, and with which proofs (the values of its DPoP headers)."""

    token: str = field(repr=False)
    scheme: str = BEARER
    method: str = "GET"
    proofs: tuple[str, ...] = ()


class Opening:
    """What a service may do with an access token here."""

    def __init__(self, issuer: Issuer, vault: Vault) -> None:
        self._issuer = issuer
        self._vault = vault

    def userinfo(self, shown: Shown) -> tuple[str, str]:
        """The userinfo of an access token as a signed JWT, encrypted where the service wants it, and the login's reference.

        Raises OAuthError invalid_token when the token is unknown or expired, is for a data provider, or its grant has
        ended; invalid_dpop_proof when it is bound to a key that is not proven; or temporarily_unavailable.
        """
        held = self._vault.find(TOKENS, shown.token.encode())
        if held is None or not self._vault.store.grant_stands(held.value.grant):
            raise OAuthError("invalid_token", "access token is unknown, expired or revoked", 401)
        token = held.value
        self._prove(token, shown)
        check_for_userinfo(token)
        check_not_at_data_provider(self._vault, token)
        service = self._issuer.parties.services.get(token.service)
        if service is None:
            raise OAuthError("invalid_token", "the service is no longer configured", 401)
        signed = sign_jwt(self._answer(token), self._issuer.keyring.signing(service.algorithm))
        return envelope(service, self._issuer.keys, self._issuer.url).around(signed), token.reference

    def _answer(self, token: Token) -> dict[str, object]:
        now = self._issuer.clock()
        about = {"iss": self._issuer.url, "aud": token.client_id, "iat": now, "exp": now + TOKEN_LIFE}
        return {**token.release.claims, "sub": token.release.sub, **about}

    def _prove(self, token: Token, shown: Shown) -> None:
        """RFC 9449 7.1: who brings a bound token proves its key, by a proof that counts once."""
        proof = read_use(
            shown.scheme,
            shown.proofs,
            access_token=shown.token,
            key=token.jkt,
            method=shown.method,
            url=f"{self._issuer.url}/userinfo",
            now=self._issuer.clock(),
        )
        if proof:
            with self._vault.change() as change:
                spend_proof(change, proof, 401)

    def revoke(self, access_token: str, service: Service) -> str | None:
        """End the login behind a token, if it is this service's; returns its reference then (RFC 7009 2.1).

        Whatever the token is, the work is the same: one row is looked for, one grant is closed. Of what is not the
        service's own that is a grant which nobody has.
        """
        secret = access_token.encode()
        held = self._vault.find(TOKENS, secret)
        own = held.value if held is not None and held.value.client_id == service.client_id else None
        with self._vault.change() as change:
            ended = change.close_grant(own.grant if own else nobodys(secret))
        return own.reference if own and ended else None


def check_for_userinfo(token: Token) -> None:
    """RFC 8707 2, 3: a token that is for one data provider is of no use anywhere else, not even here."""
    if token.resource:
        raise OAuthError("invalid_token", "the access token is for a data provider alone, it opens no userinfo", 401)


def check_not_at_data_provider(vault: Vault, token: Token) -> None:
    """RFC 9700 4.9: what a data provider was shown opens no userinfo any more, for what is there was not meant for it."""
    if token.data and any(check.last is not None for check in vault.store.checks(token.grant).values()):
        raise OAuthError("invalid_token", "the access token was checked by a data provider, it opens no userinfo now", 401)
