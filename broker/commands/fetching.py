"""Fetching the metadata of other countries by hand."""

from pathlib import Path

import click

from broker.commands.instance import opened
from broker.commands.tools import PEER_FAILED, PROBLEM_FOUND, WRONG_USAGE, as_format, fail, in_folder, show


def is_url(name: str) -> bool:
    """Whether what was named is an address, and no file."""
    return name.startswith(("https://", "http://"))


def fetched(address: str) -> bytes:
    """What is at an address; ends the program when nothing is. Redirects are not followed."""
    from broker.fetch import Fetcher, FetchFailed, localhost_resolver
    from broker.settings.rules import is_loopback
    from metadata.read import LIMITS
    from oidc.messages import HttpRequest

    local = is_loopback(address)
    fetch = Fetcher(localhost_resolver, allow_http=local, total=10.0, largest=LIMITS.size)
    try:
        answer = fetch(HttpRequest("GET", address, {"Accept": "application/samlmetadata+xml"}, b""), allow_private=True)
    except FetchFailed as failed:
        fail(f"{address} cannot be fetched: {failed.kind}", PEER_FAILED)
    if answer.status != 200:
        fail(f"{address} answers {answer.status}", PEER_FAILED)
    return answer.body


@click.command()
@click.argument("codes", metavar="[CC]...", nargs=-1)
@in_folder
@as_format
def fetch(codes: tuple[str, ...], folder: Path, form: str) -> None:
    """Fetch now what countries and lists publish, and say what became of it. Workers do it by themselves when it is due.

    Ends with 0 when all is well, 1 when something was refused, 4 when something could not be fetched.

    Example: passerelle metadata fetch EL
    """
    with opened(folder) as instance:
        countries = instance.settings.parties.countries
        for code in codes:
            if code not in countries:
                fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
        count = sum(len(country.sources) for code, country in countries.items() if code in codes or not codes)
        if not count:
            fail("nothing is fetched: no country names an address (proxy_metadata, connector_metadata)", WRONG_USAGE)
        click.echo(f"fetching {count} documents and {len(instance.settings.trust.lists)} lists …", err=True)
        outcomes = instance.refresher().refresh(instance.settings, only=codes, at_once=True)
    rows = [{"node": one.subject, "address": one.address, "outcome": one.word, "detail": one.detail} for one in outcomes]
    show(rows, form)
    words = {one.word for one in outcomes}
    if "waiting" in words and form == "table":
        click.echo("What waits for a decision: passerelle trust pending")
    if words & {"refused", "failed"}:
        raise SystemExit(PROBLEM_FOUND if "refused" in words else PEER_FAILED)
