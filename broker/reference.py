"""The reference of a login or an error: eight characters that people can read over the phone."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U


def new_reference() -> str:
    """Such as 7KQF-M3ZD: 40 random bits, enough to find an event, of no use as a secret."""
    number = secrets.randbits(40)
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 40, 5))
    return f"{letters[:4]}-{letters[4:]}"
