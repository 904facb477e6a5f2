"""The address at which a service gives a token back (RFC 7009)."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from broker.web.rooms import Current
from oidc.revocation import read_revocation


def add_revocation(api: Blueprint, current: Current) -> None:
    """Add it."""

    @api.post("/token/revocation")
    def revocation() -> AnyResponse:
        rooms = current()
        asked = read_revocation(list(request.form.items(multi=True)), request.headers.get("Authorization"))
        service = rooms.authentication.authenticate(asked.credentials, "token/revocation")
        if reference := rooms.opening.revoke(asked.token, service):
            rooms.journal.record("token.revoked", reference)
        return Response(status=200)
