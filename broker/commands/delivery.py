"""passerelle fd test: whether a data provider can do its part."""

import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from broker.commands.tools import PROBLEM_FOUND, WRONG_USAGE, as_format, fail, in_folder, now, settings_of, show

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 2.1


@click.command("test")
@click.argument("data_provider_id", metavar="ID")
@click.option(
    "--token-file", type=click.File("r"), help="A real token for it: it is asked to deliver (- reads standard input)."
)
@in_folder
@as_format
def test(data_provider_id: str, token_file: IO[str] | None, folder: Path, form: str) -> None:
    """Try a data provider from outside: its file, its keys, and how its address takes requests that it must refuse.

    Its keys are fetched, and an answer is encrypted for it. Its resource is asked without a token, and with one that nobody
    issued: it must refuse both, the second after it has asked us. What cannot be tried from here is how it says who it is
    when it asks: only it has its secret or private key.

    With --token-file it is asked to deliver for a real token, which a service got in a login of a test account. What it
    delivers is not shown. Ends with 0 when nothing is to be mended, else with 1.

    \b
    Examples:
      passerelle fd test revenus
      passerelle fd test revenus --token-file - < token
    """
    from broker.delivering import Candidate, examine
    from broker.fetch import Fetcher, localhost_resolver, system_resolver

    settings = settings_of(folder)
    one = settings.parties.data.get(data_provider_id)
    if one is None:
        fail(f'no data provider "{data_provider_id}": passerelle fd list', WRONG_USAGE)
    sandbox = settings.mode == "sandbox"
    fetch = Fetcher(localhost_resolver if sandbox else system_resolver, allow_http=sandbox)
    issuer = f"{settings.public_url}/api/v2"
    points = list(examine(Candidate(one, settings.parties, issuer, fetch, now(), _token(token_file))))
    show([asdict(point) for point in points], form)
    sys.exit(PROBLEM_FOUND if any(point.verdict == "fix" for point in points) else 0)


def _token(file: IO[str] | None) -> str:
    token = file.read().strip() if file else ""
    if file and not _TOKEN.fullmatch(token):
        fail("the file holds no access token, or more than one", WRONG_USAGE)
    return token
