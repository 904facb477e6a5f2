"""What every reading of the ledger needs: the moment that is asked about, the entries, and how far they hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.audited import entries_of, open_ledger
from broker.commands.tools import now, settings_of, show

if TYPE_CHECKING:
    from metadata.ledger import Entry
    from metadata.review import Blob

_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
_SPAN = re.compile(r"(\d{1,5})d?")
_DAY = 86_400


class Moment(click.ParamType[int]):
    """A date, which means its end, or a date and time; both in UTC. It becomes Unix seconds."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Unix seconds."""
        day = _read(str(value), ("%Y-%m-%d",))
        moment = day + timedelta(days=1, seconds=-1) if day else _read(str(value), _FORMS)
        if moment is None:
            self.fail(f"{value!r} is neither a date (2026-06-30) nor a date and time (2026-06-30T12:00)", param, ctx)
        return int(moment.replace(tzinfo=UTC).timestamp())


def _read(text: str, forms: Sequence[str]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


class Span(click.ParamType[int]):
    """Days, written 60d or 60. They become seconds."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds."""
        found = _SPAN.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no number of days, such as 60d", param, ctx)
        return int(found[1]) * _DAY


at_option = click.option(
    "--at", "at", type=Moment(), metavar="DATE", help="The moment, in UTC; a date alone means its end (default: now)."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A ledger whose every entry holds, and the moment that is asked about (Unix seconds)."""

    entries: "Sequence[Entry]"
    blob: "Blob"
    at: int

    @property
    def verified(self) -> str:
        """How far the ledger was recomputed just now."""
        return f"ledger verified to entry {self.entries[-1].event.seq}"

    @property
    def stamp(self) -> str:
        """The moment, for headings."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def read(folder: Path, at: int | None) -> Reading:
    """The ledger of an instance; ends the program when there is none, or an entry was altered."""
    ledger = open_ledger(settings_of(folder))
    found = Reading(entries_of(ledger), ledger.blob, now() if at is None else at)
    begun = found.entries[0].event.time
    if found.at < begun:
        click.echo(f"passerelle: the ledger begins at {written(begun)}: of {found.stamp} it says nothing", err=True)
    return found


def written(seconds: int) -> str:
    """A moment in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: int) -> str:
    """A moment's date in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def tell(reading: Reading, title: str, rows: list[dict[str, Any]], form: str, what: str, count: int | None = None) -> None:
    """A table with the moment above it and, below, what was counted and how far the ledger holds."""
    if form != "table":
        show(rows, form)
        return
    counted = len(rows) if count is None else count
    click.echo(f"{title} {reading.stamp}")
    show(rows, form)
    click.echo(f"{counted} {what}{'' if counted == 1 or what == 'weak' else 's'} · {reading.verified}")


def short(digest: str) -> str:
    """Both ends of a digest; it is whole in the other formats."""
    return f"{digest[:4]}…{digest[-4:]}" if digest else ""
