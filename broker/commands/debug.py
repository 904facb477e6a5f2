"""passerelle debug: answers for developers, without anybody logging in."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from broker.commands.requesting import authorize_url
from broker.commands.scopes import check_scopes
from broker.commands.tools import (
    PROBLEM_FOUND,
    REFUSED_BY_POLICY,
    WRONG_USAGE,
    as_format,
    fail,
    in_folder,
    now,
    settings_of,
    show,
)

if TYPE_CHECKING:
    from broker.assurance import Level
    from broker.european import EuropeanIdentity
    from broker.identity import Identity, Person
    from broker.parties import Service
    from broker.preview import Preview
    from broker.sandbox.node.people import European
    from broker.settings import Settings

_LOA = click.Choice(("low", "substantial", "high"))


@click.group()
def debug() -> None:
    """Answers for developers, without anybody logging in."""


@debug.command()
@click.argument("service_id", metavar="FS")
@click.argument("person", metavar="PERSONA|FILE")
@click.option("--loa", type=_LOA, help="The level that was proven (default: what the service needs).")
@click.option("--scope", help="What the service asks for (default: everything that it was granted).")
@click.option("--country", help="For a European persona: who vouches (default: the country in its name, else EL).")
@in_folder
@as_format
def claims(
    service_id: str, person: str, loa: str | None, scope: str | None, country: str | None, folder: Path, form: str
) -> None:
    """What a service would receive of somebody: claim by claim, and why something is absent or withheld.

    PERSONA is a test person of the demo, French or European. FILE is JSON: the userinfo of a French provider, or, with a
    member "country", eIDAS attributes by the last part of their names, each with a list of its values. It is read by the
    rules of a real login, and nothing is kept. Ends with 1 when this person could not log in.

    \b
    Examples:
      passerelle debug claims mairie angela
      passerelle debug claims mairie el-onasis --loa substantial
      passerelle debug claims mairie ./userinfo.json --scope "openid identite_pivot" --format json
    """
    from broker.claims import SCOPES, claims_of
    from broker.preview import preview

    settings = settings_of(folder)
    service = settings.parties.services.get(service_id)
    if service is None:
        fail(f'no service "{service_id}": passerelle fs list', WRONG_USAGE)
    scopes = scope.split() if scope else sorted(service.scopes)
    check_scopes(service, scopes, settings.parties.data_scopes)
    known = [one for one in scopes if one in SCOPES]
    who = _person(person, country, claims_of(known))
    level = _level(loa, service)
    shown = preview(service, who, level, known, settings.sub_keys[service.sub_generation])
    _write(settings, service, who, shown, form)


def _level(loa: str | None, service: "Service") -> "Level":
    from broker.assurance import Level

    level = Level.of_word(loa) if loa else service.minimum
    if level < service.minimum:
        _refused("FI-204", f"{service.id} needs {service.minimum.word}, and this is {level.word}")
    return level


# -- who --------------------------------------------------------------------------------------------------------------


def _person(named: str, country: str | None, wanted: tuple[str, ...]) -> "Person":
    """A persona by its id, or whoever a file describes."""
    if Path(named).suffix == ".json" or "/" in named:
        return _from_file(Path(named), country, wanted)
    check_no_production()
    from broker.sandbox.node.people import load_europeans
    from broker.sandbox.personas import load_personas

    french, europeans = load_personas(), load_europeans()
    if named in french:
        return _french(french[named].claims(_today(), 1), french[named].expect)
    if named not in europeans:
        import difflib

        nearest = difflib.get_close_matches(named, (*french, *europeans), n=3, cutoff=0)
        fail(f'no persona "{named}"; the nearest are: {", ".join(nearest)}', WRONG_USAGE)
    return _european(europeans[named], country or _country_in(named), wanted)


def check_no_production() -> None:
    """Test people do not exist in a process that serves real ones."""
    import os

    from broker.production import MODE, PRODUCTION

    if os.environ.get(MODE) == PRODUCTION:
        fail(f"test people are not for production ({MODE}={PRODUCTION}): describe somebody in a file", REFUSED_BY_POLICY)


def _from_file(path: Path, country: str | None, wanted: tuple[str, ...]) -> "Person":
    try:
        stated = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as unreadable:
        fail(f"{path} cannot be read as JSON: {unreadable}", WRONG_USAGE)
    if not isinstance(stated, dict):
        fail(f"{path} must hold one JSON object", WRONG_USAGE)
    if "country" not in stated:
        return _french(stated)
    check_no_production()
    code = country or str(stated.pop("country"))
    return _european(_citizen(path, {name: value for name, value in stated.items() if name != "country"}), code, wanted)


def _citizen(path: Path, stated: dict[str, Any]) -> "European":
    from broker.parties import Text
    from broker.sandbox.node.people import ATTRIBUTES, European

    for name, texts in stated.items():
        if name not in ATTRIBUTES or not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
            names = ", ".join(ATTRIBUTES)
            fail(f"{path}: {name} must be one of {names}, each with a list of its values", WRONG_USAGE)
    facts = {name: tuple(texts) for name, texts in stated.items()}
    return European(path.stem, Text("", ""), "", {}, "", facts, {})


def _french(stated: dict[str, object], expected: str = "login") -> "Identity":
    """Whom these claims describe; `expected` is the code of a test person whose account lets nobody log in."""
    from broker.identity import FieldRefused, read_identity

    try:
        identity = read_identity(stated, _today())
    except FieldRefused as refused:
        _refused("FI-205" if refused.missing else "FI-208", str(refused))
    if expected != "login":
        _refused(expected, "the account of this test person")
    return identity


def _european(citizen: "European", country: str, wanted: tuple[str, ...]) -> "EuropeanIdentity":
    from broker.sandbox.people import CannotLogIn, european

    try:
        return european(citizen, country.upper(), wanted)
    except CannotLogIn as refused:
        _refused(refused.code, str(refused))


def _country_in(persona: str) -> str:
    from broker.countries import COUNTRIES

    code = persona.partition("-")[0].upper()
    return code if code in COUNTRIES else "EL"


def _refused(code: str, why: str) -> NoReturn:
    click.echo(f"✘ {code}  {why}: nothing is sent   (passerelle explain {code})")
    sys.exit(PROBLEM_FOUND)


def _today() -> date:
    return datetime.fromtimestamp(now(), UTC).date()


# -- what -------------------------------------------------------------------------------------------------------------


def _write(settings: "Settings", service: "Service", who: "Person", shown: "Preview", form: str) -> None:
    from dataclasses import asdict

    if form == "json":
        click.echo(json.dumps(asdict(shown), ensure_ascii=False, indent=2))
        return
    rows = [{**asdict(one), "value": one.value or "(absent)"} for one in shown.told]
    show(rows, form)
    if form == "table":
        _write_rest(settings, service, who, shown)


def _write_rest(settings: "Settings", service: "Service", who: "Person", shown: "Preview") -> None:
    from broker.european import EuropeanIdentity

    click.echo(f"acr {shown.acr} · sub {shown.sub}  (pairwise, sector {service.sector})")
    for one in shown.withheld:
        why = "is granted, and not asked" if one.granted else "is not granted to this service"
        click.echo(f"withheld: {', '.join(one.claims)}: scope {one.scope} {why}")
    if isinstance(who, EuropeanIdentity) and not service.europe:
        click.echo("! europe is false in the service's file: nobody from another country can log in there")
    elif isinstance(who, EuropeanIdentity) and who.country not in settings.parties.countries:
        click.echo(f"! this instance does not know the country {who.country}: passerelle country list")


debug.add_command(authorize_url)
