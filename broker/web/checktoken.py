"""The address at which data providers have tokens checked: FranceConnect's, RFC 7662 and RFC 9701."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from broker.web.operations import CHECKS
from broker.web.rooms import Current
from oidc.introspection import read_introspection, wants_json


def add_checktoken(api: Blueprint, current: Current) -> None:
    """Add it."""

    @api.post("/checktoken")
    def checktoken() -> AnyResponse:
        rooms = current()
        form, query = (list(one.items(multi=True)) for one in (request.form, request.args))
        asked = read_introspection(form, request.headers.get("Authorization"), query)
        one = rooms.data_authentication.authenticate(asked.credentials, "checktoken")
        rooms.rates.check_rate(one)
        checked = rooms.checking.check(one, asked.token, wants_json(request.headers.get("Accept", "")))
        CHECKS.labels(one.id, "yes" if checked.active else "no").inc()
        return Response(checked.content, mimetype=checked.kind)
