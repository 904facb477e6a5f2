"""The secrets of an instance: files under `secrets/`, each readable by its owner alone; never values in a TOML file.

`pepper-N` (newest and its predecessor are used), `sub-N` (one for each generation), `client-secrets.key`, `fi-ID` (our
secret at a provider), `fs-ID` (lines of an HMAC and, for a former secret, until when it counts), `keys/` (see certs).
"""

import stat
from datetime import UTC, datetime
from pathlib import Path

from broker.parties import HeldSecret

SHORTEST = 16
CLIENT_SECRETS = "client-secrets.key"


class SecretRefused(ValueError):
    """A secret that must not be used: why, and what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def read_secret(path: Path) -> bytes:
    """The content of a secret file, without white space around it. Raises SecretRefused."""
    try:
        check_owner_only(path)
        content = path.read_bytes().strip()
    except OSError as absent:
        raise SecretRefused(
            f"{path.name} cannot be read: {absent.strerror}", "passerelle init makes the secrets"
        ) from absent
    check_long_enough(path, content)
    return content


def check_owner_only(path: Path) -> None:
    """A secret that others on the machine may read is none."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretRefused(f"{path.name} can be read by others", f"chmod 600 {path}")


def check_long_enough(path: Path, content: bytes) -> None:
    """A secret has at least 128 bits."""
    if len(content) < SHORTEST:
        raise SecretRefused(f"{path.name} has less than {SHORTEST} bytes", "make a longer one: openssl rand -hex 32")


def read_key(path: Path) -> bytes:
    """A key written in hex. Raises SecretRefused."""
    try:
        return bytes.fromhex(read_secret(path).decode("ascii"))
    except ValueError as wrong:
        if isinstance(wrong, SecretRefused):
            raise
        raise SecretRefused(f"{path.name} is not hex", "openssl rand -hex 32") from wrong


def generations(folder: Path, name: str) -> dict[int, bytes]:
    """The keys `NAME-1`, `NAME-2`… by their number. Raises SecretRefused, also when there is none."""
    found = {
        int(path.name.rpartition("-")[2]): path for path in folder.glob(f"{name}-*") if path.name[len(name) + 1 :].isdigit()
    }
    if not found:
        raise SecretRefused(f"there is no {name}-1", "passerelle init makes the secrets")
    return {number: read_key(path) for number, path in sorted(found.items())}


def held_secrets(path: Path) -> tuple[HeldSecret, ...]:
    """The secrets that a service may use: lines of `HMAC-in-hex [until ISO-date]`. Raises SecretRefused."""
    lines = read_secret(path).decode("ascii", "replace").splitlines()
    try:
        return tuple(_held(line.split()) for line in lines if line.strip())
    except (ValueError, IndexError) as wrong:
        raise SecretRefused(
            f"{path.name} has a line that is not `hmac [until date]`", "passerelle fs rotate-secret"
        ) from wrong


def _held(words: list[str]) -> HeldSecret:
    until = datetime.fromisoformat(words[2]).astimezone(UTC) if len(words) > 1 else None
    return HeldSecret(bytes.fromhex(words[0]), int(until.timestamp()) if until else None)
