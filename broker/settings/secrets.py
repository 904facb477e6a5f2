"""The secrets of an instance: files under `secrets/`, each readable by its owner alone; never values in a TOML file.

`pepper-N` (newest and its predecessor are used), `sub-N` (one for each generation), `client-secrets.key`, `fi-ID` (our
secret at a provider), `fs-ID` and `fd-ID` (lines of an HMAC and, for a former secret, until when it counts), `keys/` (see
certs).
"""

import re
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from broker.parties import HeldSecret

SHORTEST = 16
KEY_BYTES = 32
DIGEST_BYTES = 32
CLIENT_SECRETS = "client-secrets.key"
_GENERATION = re.compile(r"[1-9][0-9]{0,3}")


class SecretRefused(Exception):
    """A secret that must not be used: which file, why, and what to do."""

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.hint = hint


def read_secret(path: Path) -> str:
    """The content of a secret file, without white space around it. Raises SecretRefused."""
    hint = "passerelle init makes the secrets of an instance, passerelle fs rotate-secret ID that of a service"
    try:
        check_owner_only(path)
        content = path.read_text("utf-8").strip()
    except OSError as absent:
        raise SecretRefused(path, f"{path.name} cannot be read: {absent.strerror}", hint) from absent
    except ValueError as wrong:
        raise SecretRefused(path, f"{path.name} is not a text", hint) from wrong
    check_long_enough(path, content)
    return content


def check_owner_only(path: Path) -> None:
    """A secret that others on the machine may read is none."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretRefused(path, f"{path.name} can be read by others", f"chmod 600 {path}")


def check_long_enough(path: Path, content: str) -> None:
    """A secret has at least 128 bits (NIST SP 800-57, part 1, 5.6.1)."""
    if len(content.encode()) < SHORTEST:
        raise SecretRefused(path, f"{path.name} has less than {SHORTEST} bytes", "ask for a longer one")


def read_key(path: Path) -> bytes:
    """A key of at least 32 bytes written in hex. Raises SecretRefused."""
    content = read_secret(path)
    hint = f"openssl rand -hex {KEY_BYTES}"
    try:
        key = bytes.fromhex(content)
    except ValueError as wrong:
        raise SecretRefused(path, f"{path.name} is not hex", hint) from wrong
    check_key_length(path, key)
    return key


def check_key_length(path: Path, key: bytes) -> None:
    """A key of HMAC-SHA-256 is as long as what it makes (RFC 2104 3)."""
    if len(key) < KEY_BYTES:
        raise SecretRefused(path, f"{path.name} has less than {KEY_BYTES} bytes", f"openssl rand -hex {KEY_BYTES}")


def generations(folder: Path, name: str) -> dict[int, bytes]:
    """The keys `NAME-1`, `NAME-2`… by their number, oldest first. Raises SecretRefused, also when there is none."""
    numbers = (path.name.removeprefix(f"{name}-") for path in folder.glob(f"{name}-*"))
    found = sorted(int(number) for number in numbers if _GENERATION.fullmatch(number))
    if not found:
        raise SecretRefused(folder / f"{name}-1", f"there is no {name}-1", "passerelle init makes the secrets")
    return {number: read_key(folder / f"{name}-{number}") for number in found}


def check_keys_differ(folder: Path, found: Mapping[str, bytes]) -> None:
    """A key has one use: what seals rows must not make subs, or keep the secrets of services."""
    for name, key in found.items():
        other = next((one for one, octets in found.items() if one != name and octets == key), None)
        if other:
            hint = f"openssl rand -hex {KEY_BYTES} > secrets/{max(name, other)}, before anybody has used it"
            raise SecretRefused(folder / max(name, other), f"{name} and {other} are the same key", hint)


def held_secrets(path: Path) -> tuple[HeldSecret, ...]:
    """The secrets that a service may use: lines of `HMAC-in-hex [until ISO-date]`. Raises SecretRefused."""
    lines = read_secret(path).splitlines()
    try:
        return tuple(_held(line.split()) for line in lines if line.strip())
    except ValueError as wrong:
        raise SecretRefused(
            path, f"{path.name} has a line that is not `hmac [until date]`", "passerelle fs rotate-secret ID"
        ) from wrong


def written(held: Iterable[HeldSecret]) -> str:
    """The text that `held_secrets` reads."""
    return "\n".join(f"{secret.digest.hex()}{_until(secret)}" for secret in held)


def _until(secret: HeldSecret) -> str:
    return f" until {datetime.fromtimestamp(secret.until, UTC).isoformat()}" if secret.until is not None else ""


def _held(words: list[str]) -> HeldSecret:
    digest, *rest = words
    if len(bytes.fromhex(digest)) != DIGEST_BYTES or (rest and (len(rest) != 2 or rest[0] != "until")):
        raise ValueError
    return HeldSecret(bytes.fromhex(digest), _moment(rest[1]) if rest else None)


def _moment(text: str) -> int:
    """Unix seconds; a date without a zone is in UTC."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
