"""A service changes its code into tokens, once."""

import secrets
from collections.abc import Mapping

from broker.parties import Service
from broker.relying.encrypting import envelope
from broker.relying.issuer import Issuer
from broker.relying.once import spend_proof
from broker.relying.tokens import CODES, TOKEN_LIFE, TOKENS, Code, Token, check_grant, grant_of, token_of
from broker.vault import Vault
from oidc.dpop import Proof
from oidc.errors import OAuthError
from oidc.messages import Client
from oidc.token_endpoint import (
    TokenRequest,
    check_code_client,
    check_code_key,
    check_code_redirect,
    check_code_verifier,
    code_resource,
)
from oidc.tokens import left_hash, sign_jwt


class Redeeming:
    """What happens at the token endpoint, once the service is known."""

    def __init__(self, issuer: Issuer, vault: Vault) -> None:
        self._issuer = issuer
        self._vault = vault

    def redeem(self, request: TokenRequest, client: Client, proof: Proof | None) -> tuple[Mapping[str, object], str]:
        """Change a code into tokens; with a `proof` the access token is bound to its key (RFC 9449 5). Returns the token
        answer and the reference of the login.

        Raises OAuthError invalid_grant, invalid_target, or temporarily_unavailable: the code is good for another attempt
        then. A code that is not there (any more) ends what it may have given before.
        """
        service = self._issuer.parties.clients[client.client_id]
        around = envelope(service, self._issuer.keys, self._issuer.url)
        secret = request.code.encode()
        access_token = secrets.token_urlsafe(32)
        check_grant(self._vault, grant_of(secret))
        with self._vault.change() as change:
            if proof:
                spend_proof(change, proof)
            code = change.take(CODES, secret)
            if code is not None:
                token = self._token(code, request, client, proof.thumbprint if proof else "")
                change.put(TOKENS, access_token.encode(), token, token.issued + token.life)
        if code is None:
            self._end_grant(secret)
            raise OAuthError("invalid_grant", "code is unknown, expired or was used before")
        id_token = around.around(self._id_token(code, access_token, service))
        return _answer(token, access_token, id_token), code.reference

    def _token(self, code: Code, request: TokenRequest, client: Client, jkt: str) -> Token:
        """The token that this request gets for a code; `jkt` is the key that it proves. Raises OAuthError."""
        check_code_client(code.binding, request)
        check_code_redirect(code.binding, request)
        check_code_verifier(code.binding, request)
        check_code_key(code.binding, jkt or None)
        resource = code_resource(code.binding, request, client) or ""
        named = (one.id for one in self._issuer.parties.data.values() if resource and one.resource == resource)
        return token_of(code, self._issuer.clock(), resource, next(named, ""), jkt)

    def _end_grant(self, code: bytes) -> None:
        with self._vault.change() as change:
            change.close_grant(grant_of(code))

    def _id_token(self, code: Code, access_token: str, service: Service) -> str:
        now = self._issuer.clock()
        signer = self._issuer.keyring.signing(service.algorithm)
        claims = {
            "iss": self._issuer.url,
            "sub": code.release.sub,
            "aud": code.client_id,
            "exp": now + TOKEN_LIFE,
            "iat": now,
            "auth_time": code.release.at,
            "nonce": code.nonce,
            "acr": code.acr,
            "at_hash": left_hash(access_token, signer.algorithm),
        }
        return sign_jwt({**code.told, **claims}, signer)


def _answer(token: Token, access_token: str, id_token: str) -> Mapping[str, object]:
    """RFC 6749 5.1, with the scope that was really granted; RFC 9449 5."""
    return {
        "access_token": access_token,
        "token_type": "DPoP" if token.jkt else "Bearer",
        "expires_in": token.life,
        "scope": token.scope,
        "id_token": id_token,
    }
