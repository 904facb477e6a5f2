"""The picture of what ends: a line for each subject, a mark for each end, the months below. All of it is geometry."""

from collections.abc import Sequence
from datetime import UTC, datetime

from broker.web.console.models import Mark, Picture, Tick
from metadata.review.endings import Ending

_WIDTH, _LEFT, _RIGHT = 960, 150, 20
_ROW, _TOP, _BOTTOM = 30, 24, 34
_DAY = 86_400
_SHORT = 16


def picture(endings: Sequence[Ending], at: int, days: int) -> Picture:
    """The calendar of so many days from a moment on; what has ended already stands at the left edge."""
    subjects = sorted({one.subject for one in endings}, key=lambda subject: (len(subject) > _SHORT, subject))
    places = {subject: _TOP + _ROW * (number + 0.5) for number, subject in enumerate(subjects)}
    return Picture(
        width=_WIDTH,
        height=_TOP + _ROW * max(len(subjects), 1) + _BOTTOM,
        left=_LEFT,
        rows=tuple((_shown(subject), place) for subject, place in places.items()),
        ticks=tuple(_ticks(at, days)),
        marks=tuple(Mark(one, _across(one.time - at, days), places[one.subject]) for one in endings),
    )


def _across(seconds: int, days: int) -> float:
    share = min(max(seconds / (days * _DAY), 0), 1)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _ticks(at: int, days: int) -> list[Tick]:
    """The first of each month, every third one where there are many."""
    first = datetime.fromtimestamp(at, UTC).replace(day=1, hour=0, minute=0, second=0)
    months = (_later(first, number) for number in range(1, days // 28 + 2))
    within = [one for one in months if at <= one.timestamp() <= at + days * _DAY]
    return [
        Tick(_across(int(one.timestamp()) - at, days), one.strftime("%Y-%m")) for one in within[:: 3 if days > 200 else 1]
    ]


def _later(first: datetime, months: int) -> datetime:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first.replace(year=year, month=month + 1)


def _shown(subject: str) -> str:
    """A key of ours has a long name."""
    return subject if len(subject) <= _SHORT else f"{subject[: _SHORT - 1]}…"
