"""Dates and clocks as people write them, in French and in English; clocks show the time of Paris.

A formatter of our own, because birth dates may lack their day or month, which no library writes.
"""

from datetime import UTC, datetime

from babel.dates import get_timezone

from broker.web.i18n import Language

_PARIS = get_timezone("Europe/Paris")
_NO_BREAK = "\u00a0"
_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_NO_DAY = {"fr": " (jour non connu)", "en": " (day not known)"}
_NO_MONTH = {"fr": " (jour et mois non connus)", "en": " (day and month not known)"}


def date_words(day: str, language: Language) -> str:
    """YYYY-MM-DD, or a date with `00` for what is not known: "24 août 1962", "novembre 1992 (jour non connu)"."""
    year, month, number = day.split("-")
    if month == "00":
        return year + _NO_MONTH[language]
    name = _MONTHS[language][int(month) - 1]
    if number == "00":
        return f"{name} {year}" + _NO_DAY[language]
    return f"{_ordinal(int(number), language)} {name} {year}"


def clock(moment: int, language: Language) -> str:
    """Unix seconds as the clock of Paris: "16 h 42" (with no-break spaces) or "16:42"."""
    return _clock(datetime.fromtimestamp(moment, _PARIS), language)


def day_and_clock(moment: int, language: Language) -> str:
    """Unix seconds as "24 novembre 2026 à 16 h 42" or "24 November 2026 at 16:42", in Paris."""
    local = datetime.fromtimestamp(moment, _PARIS)
    return f"{date_words(local.date().isoformat(), language)} {'à' if language == 'fr' else 'at'} {_clock(local, language)}"


def utc_clock(moment: int, language: Language) -> str:
    """Unix seconds as the clock of UTC, for those who read logs."""
    return _clock(datetime.fromtimestamp(moment, UTC), language) + f"{_NO_BREAK}UTC"


def day(moment: int, language: Language) -> str:
    """The day of Unix seconds in UTC, in words: others' operators plan by it."""
    return date_words(datetime.fromtimestamp(moment, UTC).date().isoformat(), language)


def machine(moment: int) -> str:
    """Unix seconds for the attribute `datetime`: 2026-11-24T15:42:00Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ordinal(day: int, language: Language) -> str:
    return "1er" if day == 1 and language == "fr" else str(day)


def _clock(moment: datetime, language: Language) -> str:
    if language == "fr":
        return f"{moment.hour}{_NO_BREAK}h{_NO_BREAK}{moment.minute:02}"
    return f"{moment.hour:02}:{moment.minute:02}"
