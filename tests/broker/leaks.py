"""The forms in which a value could stand where it must not."""

import base64
from urllib.parse import quote


def forms(value: str) -> set[bytes]:
    """A value as it could stand in a file: as it is, in another case, encoded."""
    raw = value.encode()
    encoded = {base64.b64encode(b"x" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)}
    words = {raw, value.lower().encode(), value.upper().encode(), quote(value).encode(), raw.hex().encode()}
    return words | {value.encode("utf-16-le")} | {piece for piece in encoded if len(piece) >= 8}
