"""The countries whose citizens may log in."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.tools import (
    PROBLEM_FOUND,
    WRONG_USAGE,
    as_format,
    dry_run,
    fail,
    files_with,
    in_folder,
    now,
    settings_of,
    show,
    show_one,
)
from broker.settings.schema import DEVIATIONS

if TYPE_CHECKING:
    from broker.parties import Country
    from metadata.nodes import ProxyService


@click.group()
def country() -> None:
    """The countries whose citizens may log in, each through its eIDAS node."""


@country.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every country, and until when its metadata counts.

    Example: passerelle country list --format json
    """
    show([_row(land) for _, land in sorted(settings_of(folder).parties.countries.items())], form)


def _row(land: "Country") -> dict[str, Any]:
    from broker.countries import country as named

    return {
        "code": land.code,
        "name": named(land.code).name["en"],
        "levels": _levels(land.proxy),
        "active": land.active,
        "metadata until": _moment(land.proxy.valid_until),
        "state": "expired" if land.proxy.valid_until <= now() else "valid",
        "deviations": sorted(land.compatibility.deviations),
    }


@country.command("show")
@click.argument("code", metavar="CC")
@in_folder
@as_format
def show_(code: str, folder: Path, form: str) -> None:
    """One country, as its pinned metadata describes it.

    Example: passerelle country show EL
    """
    land = settings_of(folder).parties.countries.get(code)
    if land is None:
        fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
    show_one({**_row(land), **_facts(land.proxy)}, form)


def _facts(proxy: "ProxyService") -> dict[str, Any]:
    return {
        "entity id": proxy.entity_id,
        "addresses": sorted(proxy.sso.values()),
        "signing keys": [_grouped(certificate.der) for certificate in proxy.signing],
        "attributes": sorted(name.rpartition("/")[2] for name in proxy.attributes),
        "protocol versions": proxy.protocol_versions,
        "wants RequesterID": proxy.wants_requester_id,
        "contacts": [f"{contact.kind}: {contact.mail or contact.tel}" for contact in proxy.contacts],
    }


def _levels(proxy: "ProxyService") -> list[str]:
    return sorted(
        uri.partition("/LoA/")[2] + ("" if "NotNotified" not in uri else " (not notified)") for uri in proxy.levels
    )


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}Z"


def _grouped(der: bytes) -> str:
    """A certificate's SHA-256 as people read it over the phone."""
    digest = hashlib.sha256(der).hexdigest()
    return ":".join(digest[at : at + 4] for at in range(0, len(digest), 4))


@country.command()
@click.argument("code", metavar="CC")
@click.option(
    "--metadata",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the country published for its Proxy-Service.",
)
@click.option("--compat", multiple=True, type=click.Choice(DEVIATIONS), help="A deviation that it needs (several may be).")
@dry_run
@in_folder
def new(code: str, file: Path, compat: tuple[str, ...], dry_run: bool, folder: Path) -> None:
    """Pin the metadata of a country and write its file.

    What is pinned is what will be trusted: compare the digests with what the country told you on another way.

    Example: passerelle country new EL --metadata EL-proxy.xml
    """
    from broker.settings.reader import Document

    octets = file.read_bytes()
    kept = f"metadata/received/{code}-proxy.xml"
    text = _file(code, kept, hashlib.sha256(octets).hexdigest(), compat)
    files = files_with(folder, "countries", Document(f"partners/countries/{code}.toml", text.encode()))
    proxy = _read(octets, compat, files.sandbox)
    path = folder / "partners/countries" / f"{code}.toml"
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    show_one({"levels": _levels(proxy), "metadata until": _moment(proxy.valid_until), **_facts(proxy)}, "table")
    if dry_run:
        click.echo(f"\n{text}", nl=False)
        return
    for place, content in ((folder / kept, octets), (path, text.encode())):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    click.echo(f"\n{path} written. Compare the signing keys with what the country told you, then:")
    click.echo("passerelle check && passerelle reload")


def _read(octets: bytes, compat: tuple[str, ...], sandbox: bool) -> "ProxyService":
    from broker.settings.partners import compatibility_of
    from eidas.errors import Refused
    from metadata.read import read_proxy_service

    try:
        return read_proxy_service(octets, now=now(), compatibility=compatibility_of({"compat": compat}), sandbox=sandbox)
    except Refused as refused:
        fail(f"the metadata cannot be used: {refused.detail}", PROBLEM_FOUND)


def _file(code: str, kept: str, digest: str, compat: tuple[str, ...]) -> str:
    from broker.commands.writing import quoted, quoted_list

    return f"""\
[country]
code = {quoted(code)}
proxy_metadata = {quoted(kept)}
proxy_metadata_sha256 = {quoted(digest)}     # these octets are what is trusted
compat = {quoted_list(compat)}     # deviations from version 1.4, by name; each use is in the journal
"""
