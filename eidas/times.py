"""Moments as messages write them (xs:dateTime, UTC) and as the rest of this library counts them (Unix seconds)."""

from datetime import UTC, datetime

from eidas.errors import XmlRefused


def written(moment: int) -> str:
    """SAML Core 1.3.3: UTC, without a fraction."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> int:
    """Unix seconds; a fraction is cut off. SAML Core 1.3.3: a moment is in UTC, whether it says so or not.

    Raises XmlRefused.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise XmlRefused("a moment is not one") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
