"""What a partner signed and may use once, by its `jti`, for all workers: client assertions, request objects, proofs."""

from broker.ports import DuplicateRow
from broker.vault import Change, Drawer
from oidc.dpop import Proof
from oidc.errors import OAuthError, ProofRefused

SIGNED: Drawer[str] = Drawer("signed", str)


def spend(change: Change, kind: str, client_id: str, jti: str, until: int, refusal: OAuthError) -> None:
    """Let this be the only use, in the running transaction: whoever comes again before `until` gets the refusal."""
    try:
        change.put(SIGNED, f"{kind} {len(client_id)} {client_id} {jti}".encode(), "", until)
    except DuplicateRow:
        raise refusal from None


def spend_proof(change: Change, proof: Proof, status: int = 400) -> None:
    """RFC 9449 11.1: a proof counts once; `status` is that of its refusal."""
    refusal = ProofRefused("it was used before: make a new one, with a new jti, for each request", status)
    spend(change, "proof", proof.thumbprint, proof.jti, proof.expires, refusal)
