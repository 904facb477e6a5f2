"""The proofs of possession that come with a request (RFC 9449)."""

from flask import request

from broker.web.rooms import Rooms
from oidc.dpop import Proof, one_proof, read_proof


def proofs_sent() -> tuple[str, ...]:
    """The values of the request's DPoP headers."""
    headers = request.headers
    return tuple(headers.getlist("DPoP")) if "DPoP" in headers else ()


def proof_of(rooms: Rooms, endpoint: str) -> Proof | None:
    """The proof of a key in a request to `endpoint` (its last part, such as "token"); None where none came.

    Raises ProofRefused.
    """
    sent = one_proof(proofs_sent())
    if sent is None:
        return None
    return read_proof(sent, method=request.method, url=f"{rooms.relying.issuer}/{endpoint}", now=rooms.clock())
