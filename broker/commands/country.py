"""The countries of the eIDAS network: whose citizens may log in here, and whose services ours may log in to."""

import hashlib
from collections.abc import Mapping, Sequence
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
@click.option("--metadata", "proxy", help="What it published for its Proxy-Service: a file, an https address, or list.")
@click.option("--connector-metadata", "connector", help="What it published for its Connector: likewise.")
@click.option("--anchor", "anchors", multiple=True, type=_PUBLISHED, help="A certificate (PEM) that vouches for it.")
@click.option("--auto", is_flag=True, help="New keys count as soon as an anchor vouches for them, without an approval.")
@click.option("--compat", multiple=True, type=click.Choice(DEVIATIONS), help="A deviation that it needs (several may be).")
@dry_run
@in_folder
def new(
    code: str,
    proxy: str | None,
    connector: str | None,
    anchors: tuple[Path, ...],
    auto: bool,
    compat: tuple[str, ...],
    dry_run: bool,
    folder: Path,
) -> None:
    """Write the file of a country, for one of its nodes or for both.

    A file is pinned: its octets are what will be trusted. What is at an address, or where a list of [trust] says (`list`),
    is fetched again and again, and an anchor must vouch for it. Compare digests with what the country told you on another
    way.

    \b
    Examples:
      passerelle country new EL --metadata EL-proxy.xml
      passerelle country new EL --metadata https://eidas.example.gr/metadata --anchor EL-2026.pem
    """
    from broker.settings.reader import Document
    from broker.settings.rules import is_fetched

    named = {role: place for role, place in (("proxy", proxy), ("connector", connector)) if place}
    if not named:
        fail("nothing to trust: --metadata, --connector-metadata, or both", WRONG_USAGE)
    places = {role: place for role, place in named.items() if is_fetched(place)}
    published = {role: _octets(place) for role, place in named.items() if role not in places}
    vouching = {f"certs/anchors/{code}-{number}.pem": anchor for number, anchor in enumerate(anchors, 1)}
    text = _file(code, published, places, list(vouching), auto, compat)
    files = files_with(folder, "countries", Document(f"partners/countries/{code}.toml", text.encode()))
    path = folder / "partners/countries" / f"{code}.toml"
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    for role, octets in published.items():
        _show(role, _read(role, octets, compat, files.sandbox))
    for name, anchor in vouching.items():
        _show_anchor(name, anchor)
    if dry_run:
        click.echo(f"\n{text}", nl=False)
        return
    kept = {folder / _kept(code, role): octets for role, octets in published.items()}
    kept |= {folder / name: anchor.read_bytes() for name, anchor in vouching.items()}
    for place, content in {**kept, path: text.encode()}.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    fetch = f" && passerelle metadata fetch {code} && passerelle trust pending" if places else ""
    click.echo(f"\n{path} written. Compare the digests with what the country told you, then:")
    click.echo(f"passerelle check && passerelle reload{fetch}")


def _octets(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as wrong:
        fail(f"{name}: {wrong.strerror}", WRONG_USAGE)


def _show_anchor(name: str, anchor: Path) -> None:
    """Whose certificates they are, and their digests in groups, to be read over the phone."""
    from certs.importing import read_certificates
    from certs.keys import fingerprint
    from eidas.errors import CertificateRefused
    from metadata.trust.links import read_link

    try:
        links = [read_link(der) for der in read_certificates(anchor.read_bytes())]
    except (ValueError, CertificateRefused) as wrong:
        fail(f"{anchor}: {wrong}", WRONG_USAGE)
    for link in links:
        told = {"anchor": name, "subject": link.name, "until": _moment(link.until)}
        show_one({**told, "sha256": fingerprint(link.certificate.der)}, "table")


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


def _file(
    code: str,
    published: Mapping[str, bytes],
    places: Mapping[str, str],
    anchors: Sequence[str],
    auto: bool,
    compat: tuple[str, ...],
) -> str:
    from broker.commands.writing import quoted, quoted_list

    pins = "".join(
        f"""{role}_metadata = {quoted(_kept(code, role))}
{role}_metadata_sha256 = {quoted(hashlib.sha256(octets).hexdigest())}     # these octets are what is trusted
"""
        for role, octets in published.items()
    )
    fetched = "".join(f"{role}_metadata = {quoted(place)}\n" for role, place in places.items())
    vouching = f"anchors = {quoted_list(anchors)}\n" if anchors else ""
    updates = f"updates = {quoted('auto' if auto else 'approve')}\n" if places else ""
    deviations = f"compat = {quoted_list(compat)}     # deviations from version 1.4, by name; each use is in the journal\n"
    return f"[country]\ncode = {quoted(code)}\n{pins}{fetched}{vouching}{updates}{deviations}"


for one in (handshake, suspend, resume, confirm):
    country.add_command(one)
