"""The countries of the eIDAS network: whose citizens may log in here, and whose services ours may log in to."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.deciding import confirm, resume, suspend
from broker.commands.handshake import handshake
from broker.commands.instance import trusted_settings
from broker.commands.tools import (
    PROBLEM_FOUND,
    WRONG_USAGE,
    as_format,
    dry_run,
    fail,
    files_with,
    in_folder,
    now,
    show,
    show_one,
)
from broker.settings.schema import DEVIATIONS

if TYPE_CHECKING:
    from broker.parties import Country
    from metadata.nodes import Connector, ProxyService

_PUBLISHED = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def country() -> None:
    """Other countries, each through its eIDAS nodes: their citizens log in here, ours log in there."""


@country.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every country, and until when its metadata counts.

    Example: passerelle country list --format json
    """
    show([_row(land) for _, land in sorted(trusted_settings(folder).parties.countries.items())], form)


def _row(land: "Country") -> dict[str, Any]:
    from broker.countries import country as named

    return {
        "code": land.code,
        "name": named(land.code).name["en"],
        "roles": sorted(land.nodes),
        "levels": _levels(land.proxy) if land.proxy else [],
        "active": land.active,
        "metadata until": [f"{role} {_moment(node.valid_until)}" for role, node in land.nodes.items()],
        "state": "expired" if any(node.valid_until <= now() for node in land.nodes.values()) else "valid",
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
    land = trusted_settings(folder).parties.countries.get(code)
    if land is None:
        fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
    facts = {f"{role} {fact}": told for role, node in land.nodes.items() for fact, told in _facts(node).items()}
    show_one({**_row(land), **facts}, form)


@country.command()
@click.argument("code", metavar="CC")
@click.option("--open", "opened", is_flag=True, help="Open the link in a browser on this machine.")
@in_folder
def ping(code: str, opened: bool, folder: Path) -> None:
    """Make a link for a test login through a country: it counts for ten minutes and reaches no service.

    Whoever opens it proves who he is in that country; the page that follows says at which level, and which kinds of data
    came. Nothing is sent to anybody, and nothing is kept.

    Example: passerelle country ping EL
    """
    from broker.relying.trial import link

    settings = trusted_settings(folder)
    land = settings.parties.countries.get(code)
    if land is None:
        fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
    if land.proxy is None:
        sentence = "its Connector asks us, so a test begins at a service there: passerelle country show"
        fail(f"{code} identifies nobody for us (it has no proxy_metadata); {sentence} {code}", WRONG_USAGE)
    address = link(settings.public_url, settings.client_secret_key, code, now())
    click.echo(address)
    if opened:
        click.launch(address)


def _facts(node: "ProxyService | Connector") -> dict[str, Any]:
    from certs.keys import fingerprint
    from metadata.nodes import ProxyService

    return {
        "entity id": node.entity_id,
        "signing keys": [fingerprint(certificate.der) for certificate in node.signing],
        "protocol versions": node.protocol_versions,
        "contacts": [f"{contact.kind}: {contact.mail or contact.tel}" for contact in node.contacts],
        **(_facts_of_proxy(node) if isinstance(node, ProxyService) else _facts_of_connector(node)),
    }


def _facts_of_proxy(proxy: "ProxyService") -> dict[str, Any]:
    return {
        "addresses": sorted(proxy.sso.values()),
        "attributes": sorted(name.rpartition("/")[2] for name in proxy.attributes),
        "wants RequesterID": proxy.wants_requester_id,
    }


def _facts_of_connector(connector: "Connector") -> dict[str, Any]:
    from certs.keys import fingerprint

    key, method = connector.recipient
    return {
        "addresses": [connector.acs],
        "encryption key": fingerprint(key.der),
        "encryption": method.rpartition("#")[2],
    }


def _levels(proxy: "ProxyService") -> list[str]:
    return sorted(
        uri.partition("/LoA/")[2] + ("" if "NotNotified" not in uri else " (not notified)") for uri in proxy.levels
    )


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}Z"


@country.command()
@click.argument("code", metavar="CC")
@click.option("--metadata", "proxy", type=_PUBLISHED, help="What the country published for its Proxy-Service.")
@click.option("--connector-metadata", "connector", type=_PUBLISHED, help="What it published for its Connector.")
@click.option("--compat", multiple=True, type=click.Choice(DEVIATIONS), help="A deviation that it needs (several may be).")
@dry_run
@in_folder
def new(
    code: str, proxy: Path | None, connector: Path | None, compat: tuple[str, ...], dry_run: bool, folder: Path
) -> None:
    """Pin the metadata of a country, of one of its nodes or of both, and write its file.

    What is pinned is what will be trusted: compare the digests with what the country told you on another way.

    Example: passerelle country new EL --metadata EL-proxy.xml
    """
    from broker.settings.reader import Document

    published = {role: file.read_bytes() for role, file in (("proxy", proxy), ("connector", connector)) if file}
    if not published:
        fail("nothing to pin: --metadata FILE, --connector-metadata FILE, or both", WRONG_USAGE)
    text = _file(code, published, compat)
    files = files_with(folder, "countries", Document(f"partners/countries/{code}.toml", text.encode()))
    path = folder / "partners/countries" / f"{code}.toml"
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    for role, octets in published.items():
        _show(role, _read(role, octets, compat, files.sandbox))
    if dry_run:
        click.echo(f"\n{text}", nl=False)
        return
    kept = {folder / _kept(code, role): octets for role, octets in published.items()}
    for place, content in {**kept, path: text.encode()}.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    click.echo(f"\n{path} written. Compare the signing keys with what the country told you, then:")
    click.echo("passerelle check && passerelle reload")


def _show(role: str, node: "ProxyService | Connector") -> None:
    from metadata.nodes import ProxyService

    levels = {"levels": _levels(node)} if isinstance(node, ProxyService) else {}
    show_one({"role": role, **levels, "metadata until": _moment(node.valid_until), **_facts(node)}, "table")


def _read(role: str, octets: bytes, compat: tuple[str, ...], sandbox: bool) -> "ProxyService | Connector":
    from broker.settings.partners import compatibility_of
    from eidas.errors import Refused
    from metadata.read import read_connector, read_proxy_service

    read = read_proxy_service if role == "proxy" else read_connector
    try:
        return read(octets, now=now(), compatibility=compatibility_of({"compat": compat}), sandbox=sandbox)
    except Refused as refused:
        fail(f"the metadata cannot be used: {refused.detail}", PROBLEM_FOUND)


def _kept(code: str, role: str) -> str:
    return f"metadata/received/{code}-{role}.xml"


def _file(code: str, published: Mapping[str, bytes], compat: tuple[str, ...]) -> str:
    from broker.commands.writing import quoted, quoted_list

    pins = "".join(
        f"""{role}_metadata = {quoted(_kept(code, role))}
{role}_metadata_sha256 = {quoted(hashlib.sha256(octets).hexdigest())}     # these octets are what is trusted
"""
        for role, octets in published.items()
    )
    return f"""\
[country]
code = {quoted(code)}
{pins}compat = {quoted_list(compat)}     # deviations from version 1.4, by name; each use is in the journal
"""


for one in (handshake, suspend, resume, confirm):
    country.add_command(one)
