"""What a service signed and may use once: client assertions and request objects, by their `jti`, for all workers."""

from broker.ports import DuplicateRow
from broker.vault import Change, Drawer
from oidc.errors import OAuthError

SIGNED: Drawer[str] = Drawer("signed", str)


def spend(change: Change, kind: str, client_id: str, jti: str, until: int, refusal: OAuthError) -> None:
    """Let this be the only use, in the running transaction: whoever comes again before `until` gets the refusal."""
    try:
        change.put(SIGNED, f"{kind} {len(client_id)} {client_id} {jti}".encode(), "", until)
    except DuplicateRow:
        raise refusal from None
