"""How the console's templates write digests and moments."""

from datetime import UTC, datetime

from flask import Blueprint

_GROUP, _LINE = 4, 8


def install(console: Blueprint) -> None:
    """Let the templates use these filters."""
    console.add_app_template_filter(groups, "groups")
    console.add_app_template_filter(short, "short")
    console.add_app_template_filter(utc, "utc")
    console.add_app_template_filter(utc_day, "utc_day")


def groups(digest: str) -> tuple[str, ...]:
    """A digest as it is read over the phone: lines of eight groups of four."""
    fours = [digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP)]
    return tuple(" ".join(fours[at : at + _LINE]) for at in range(0, len(fours), _LINE))


def short(digest: str) -> str:
    """Enough of a digest to tell documents of a ledger apart, not to compare over the phone."""
    return f"{digest[:12]}…" if len(digest) > 12 else digest


def utc(moment: int) -> str:
    """Unix seconds as "2026-06-30 14:05 UTC": those who work here compare with logs and with other countries."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def utc_day(moment: int) -> str:
    """Unix seconds as the day in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
