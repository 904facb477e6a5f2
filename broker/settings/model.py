"""What a valid configuration is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from broker.parties import ConsoleProvider, Contact, Parties, Text
from broker.settings.reader import SettingProblem

if TYPE_CHECKING:
    from metadata.trust.links import Anchor, Policy


class SettingsInvalid(ValueError):
    """The configuration cannot be used. `problems` has every error and warning."""

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        super().__init__(f"{sum(problem.is_error for problem in problems)} errors in the configuration")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Support:
    """Whom citizens ask."""

    mail: str = ""
    tel: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Accessibility:
    """What the accessibility statement says."""

    state: Literal["none", "partial", "full"] = "none"
    audited: str = ""
    auditor: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the operator tells other nodes: since when, for which day (both YYYY-MM-DD), and what; French may be ""."""

    announced: str
    date: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Node:
    """What our eIDAS node says of itself: country, roles, who runs it, and how long a copy of its metadata counts.

    `offline` is the certificate (DER) of the key that signs our metadata elsewhere, b"" where we sign it ourselves.
    """

    country: str = "FR"
    roles: tuple[str, ...] = ()
    organisation: str = ""
    site: str = ""
    contacts: tuple[Contact, ...] = ()
    valid_days: int = 7
    announcements: tuple[Announcement, ...] = ()
    offline: bytes = b""


@dataclass(frozen=True, slots=True)
class Trust:
    """How trust changes: how many must agree, how often is fetched (minutes), how long former keys count (minutes), and
    the lists, with who vouches for them.
    """

    approvals: int = 1
    refresh_minutes: int = 60
    overlap_minutes: int = 30
    lists: tuple[str, ...] = ()
    list_anchors: "tuple[Anchor, ...]" = ()
    list_policy: "Policy | None" = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration that can be used. `peppers` are newest first; `sub_keys` by generation; lengths in their names.

    `database` may hold a password. `fingerprint` is the SHA-256 of what is configured, in hex.
    """

    folder: Path
    secrets_folder: Path
    mode: Literal["production", "sandbox"]
    public_url: str
    name: Text
    support: Support
    database: str = field(repr=False)
    sso_minutes: int
    step_minutes: int
    journal_days: int
    peppers: tuple[bytes, ...] = field(repr=False)
    sub_keys: Mapping[int, bytes] = field(repr=False)
    client_secret_key: bytes = field(repr=False)
    parties: Parties
    accessibility: Accessibility = Accessibility()
    node: Node = Node()
    trust: Trust = Trust()
    console: ConsoleProvider | None = None
    theme: Path | None = None
    fingerprint: str = ""
    warnings: tuple[SettingProblem, ...] = ()
