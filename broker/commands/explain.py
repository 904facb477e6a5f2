"""passerelle explain: what an error code means, or what happened at the login of a reference."""

import difflib
import gzip
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.tools import PROBLEM_FOUND, WRONG_USAGE, fail, in_folder

if TYPE_CHECKING:
    from broker.errors import Entry
    from broker.story import Story

_SYSTEM = Path("/var/log/passerelle")
_NAME = "journal.log"
_SIDES = {
    "citizen": ("the citizen's choice or browser", "le choix ou le navigateur de l’usager"),
    "service": ("the service that asks (FS)", "le service qui demande (FS)"),
    "account": ("the account that was chosen (FI)", "le compte choisi (FI)"),
    "country": ("the country that was chosen", "le pays choisi"),
    "us": ("ourselves", "nous-mêmes"),
}
_LABELS = {
    "en": ("side", "reads", "do", "status", "why", "docs"),
    "fr": ("côté", "lu", "faire", "statut", "cause", "docs"),
}


@click.command()
@click.argument("what", metavar="CODE|REF", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(("en", "fr")), default="en", show_default=True, help="What citizens read.")
@click.option("--journal", metavar="FILE", help="Where the events are (- reads standard input), if not where we look.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@in_folder
def explain(what: tuple[str, ...], lang: str, journal: str | None, form: str, folder: Path) -> None:
    """What an error code means; or, by the reference that somebody read on a page, what happened at that login.

    A reference is looked for in the journal, and in the older files beside it: in LOGS_DIRECTORY, in the instance's var/,
    in /var/log/passerelle. Nothing personal is shown: there is nothing personal there.

    \b
    Examples:
      passerelle explain SRV-402
      passerelle explain FI-203 --lang fr
      passerelle explain 7KQF-M3ZD
      journalctl -u passerelle -o cat | passerelle explain 7KQF-M3ZD --journal -
    """
    from broker.story import code_in, reference_in

    text = " ".join(what)
    if reference := reference_in(text):
        _explain_reference(reference, journal, folder, lang, form)
    elif code := code_in(text):
        _explain_code(code, lang, form)
    else:
        fail(f"{text!r} is neither a code, such as SRV-402, nor a reference, such as 7KQF-M3ZD", WRONG_USAGE)


# -- a code -----------------------------------------------------------------------------------------------------------


def _explain_code(code: str, lang: str, form: str) -> None:
    from broker.errors import catalogue

    entry = catalogue().get(code)
    if entry is None:
        nearest = difflib.get_close_matches(code, catalogue(), n=1, cutoff=0)[0]
        fail(f"there is no code {code}; the nearest is {nearest}: {catalogue()[nearest].title[lang]}", WRONG_USAGE)
    if form == "json":
        _write_json(_entry_facts(entry, lang))
        return
    click.echo(f"{entry.code}  {entry.title[lang]}")
    _write_labelled(_entry_lines(entry, lang))


def _entry_facts(entry: "Entry", lang: str) -> dict[str, Any]:
    return {
        "code": entry.code,
        "side": entry.side,
        "title": entry.title[lang],
        "message": entry.message[lang],
        "todo": list(entry.todo[lang]),
        "http": entry.status,
        "oidc": entry.oidc,
        "saml": entry.saml if _reaches_connectors(entry) else None,
        "why": entry.developer,
        "docs": _docs(entry.code),
    }


def _reaches_connectors(entry: "Entry") -> bool:
    """The service's own calls and unknown addresses are not answered in SAML."""
    return not entry.code.startswith(("TOK", "HTTP"))


def _entry_lines(entry: "Entry", lang: str) -> Iterator[tuple[str, str]]:
    side, reads, todo, status, why, docs = _LABELS[lang]
    yield side, _SIDES[entry.side][lang == "fr"]
    yield reads, entry.message[lang]
    for line in entry.todo[lang]:
        yield todo, line
    yield status, ", ".join(_protocols(entry))
    yield why, entry.developer
    yield docs, _docs(entry.code)


def _protocols(entry: "Entry") -> Iterator[str]:
    yield f"HTTP {entry.status}"
    if entry.oidc:
        yield f"OAuth {entry.oidc}"
    if _reaches_connectors(entry):
        yield f"SAML {entry.saml.replace(' ', '/')}"


def _docs(code: str) -> str:
    return f"docs/errors.md#{code}"


def _write_labelled(lines: Iterable[tuple[str, str]]) -> None:
    before = ""
    for label, text in lines:
        click.echo(f"  {'' if label == before else label:<7} {text}")
        before = label


# -- a reference ------------------------------------------------------------------------------------------------------


def _explain_reference(reference: str, journal: str | None, folder: Path, lang: str, form: str) -> None:
    from broker.story import events_of, tell

    files = _journals(journal, folder)
    events = events_of(_lines(files), reference)
    if not events:
        looked = ", ".join(files) or "no file found: --journal FILE"
        fail(f"nothing is known of {reference} (any more); looked in: {looked}", PROBLEM_FOUND)
    story = tell(reference, events)
    if form == "json":
        _write_json(_story_facts(story))
    else:
        _write_story(story, lang)


def _journals(journal: str | None, folder: Path) -> list[str]:
    """The files to read, rotated ones as well."""
    if journal == "-":
        return ["-"]
    if journal:
        if not Path(journal).exists():
            fail(f"there is no file {journal}", WRONG_USAGE)
        return [journal]
    places = (os.environ.get("LOGS_DIRECTORY", ""), folder / "var", _SYSTEM)
    return [str(path) for place in places if place for path in sorted(Path(place).glob(f"{_NAME}*"))]


def _lines(files: Iterable[str]) -> Iterator[str]:
    for file in files:
        try:
            yield from _of_file(file)
        except OSError as unreadable:
            fail(f"{file} cannot be read: {unreadable.strerror or unreadable}")


def _of_file(file: str) -> Iterator[str]:
    if file == "-":
        yield from sys.stdin
    elif file.endswith(".gz"):
        with gzip.open(file, "rt", encoding="utf-8", errors="replace") as packed:
            yield from packed
    else:
        with Path(file).open(encoding="utf-8", errors="replace") as plain:
            yield from plain


def _story_facts(story: "Story") -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(story), "commands": list(_commands(story))}


def _write_story(story: "Story", lang: str) -> None:
    from broker.errors import catalogue

    entry = catalogue().get(story.code)
    happened = f"{story.code}  {entry.title[lang]}" if entry else _outcome(story)
    click.echo(f"{happened}    {_day(story.began)}   [{story.reference}]")
    _write_labelled((("flow", _flow(story)),))
    for line in story.lines:
        click.echo(f"  {_hour(line.time)}  {line.what:<42} {line.more}".rstrip())
    _write_labelled(_advice(story, entry, lang) if entry else ())


def _outcome(story: "Story") -> str:
    if story.taken:
        return "the login succeeded"
    if story.sent:
        return "the code was sent, and the service has not changed it into tokens"
    return "nothing went wrong that we know of, and nothing was sent: the citizen stopped here, or is still at it"


def _flow(story: "Story") -> str:
    """Who takes part: from whoever asks to whoever vouches. No person is named, for none is known here."""
    asks = f"service {story.parties['service']}" if "service" in story.parties else "whoever asked"
    vouches = [f"{kind} {story.parties[kind]}" for kind in ("provider", "country") if kind in story.parties]
    level = f"   asked {story.level}" if story.level else ""
    return " → ".join((asks, "broker", *vouches)) + f"{level}   (nothing personal in this view)"


def _advice(story: "Story", entry: "Entry", lang: str) -> Iterator[tuple[str, str]]:
    side, reads, _, _, why, docs = _LABELS[lang]
    yield side, _SIDES[entry.side][lang == "fr"]
    yield why, entry.developer
    yield reads, f"{entry.code}: {entry.message[lang]}"
    for command in _commands(story):
        yield "next", command
    yield docs, _docs(entry.code)


def _commands(story: "Story") -> Iterator[str]:
    """What to run next, by the family of the code."""
    names: Mapping[str, str] = {"provider": "ID", "country": "CC", "service": "ID", **story.parties}
    for command in _NEXT.get(story.code.partition("-")[0], ()):
        yield command.format_map(names)


_NEXT = {
    "FI": ("passerelle fi test {provider}", "passerelle fi show {provider}"),
    "EID": ("passerelle trust pending", "passerelle country handshake {country}"),
    "SRV": ("passerelle fs show {service}",),
    "TOK": ("passerelle fs show {service}",),
}


def _day(moment: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _hour(moment: int) -> str:
    return _day(moment)[11:19]


def _write_json(facts: Mapping[str, Any]) -> None:
    import json

    click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
