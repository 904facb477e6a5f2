"""What changed between two documents of the ledger, as far as they can be read."""

from broker.web.console.models import Difference
from eidas.errors import Refused
from metadata.diff import compare
from metadata.diff.facts import read_entities
from metadata.review import Blob
from metadata.review.documents import octets_of


def difference(before: str, after: str, blob: Blob) -> Difference:
    """The changes from one document (SHA-256) to another, the gravest first within each class."""
    try:
        old, new = (read_entities(octets_of(digest, blob)) for digest in (before, after))
    except Refused as refused:
        return Difference(before, after, (), refused.detail)
    return Difference(before, after, compare(old, new))
