"""Our metadata as others fetch it."""

from flask import Response, abort

from broker.web.rooms import Rooms

_CACHED = {"Cache-Control": "public, max-age=600"}


def published(rooms: Rooms, role: str) -> Response:
    """The document of a role; 404 where we have not the role, or have nothing that counts."""
    document = rooms.node_metadata.get(role)
    octets = document() if document else b""
    if not octets:
        abort(404)
    return Response(octets, mimetype="application/samlmetadata+xml", headers=_CACHED)
