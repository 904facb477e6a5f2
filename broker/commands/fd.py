"""The data providers that deliver to services."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from broker.commands.delivery import test
from broker.commands.held import hold, rotate, seconds_of, taken_or_made
from broker.commands.tools import (
    WRONG_USAGE,
    as_format,
    dry_run,
    fail,
    files_with,
    in_folder,
    settings_of,
    show,
    show_one,
)

if TYPE_CHECKING:
    from broker.parties import DataProvider, Parties


@click.group()
def fd() -> None:
    """The data providers that deliver to services what citizens agree to (fournisseurs de données)."""


@fd.command("list")
@click.option(
    "--grants", is_flag=True, help="Instead a row for each scope and each service that may ask for it, with the laws."
)
@in_folder
@as_format
def list_(grants: bool, folder: Path, form: str) -> None:
    """Every data provider.

    \b
    Examples:
      passerelle fd list
      passerelle fd list --grants --format csv
    """
    parties = settings_of(folder).parties
    rows = _grants(parties) if grants else (_row(one, parties) for one in parties.data.values())
    show(list(rows), form)


def _row(one: "DataProvider", parties: "Parties") -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name.en,
        "active": one.active,
        "scopes": [scope.name for scope in one.scopes],
        "services": sorted(service.id for service in parties.services.values() if _granted(one).intersection(service.data)),
        "lifetime": one.lifetime,
        "resource": one.resource,
    }


def _granted(one: "DataProvider") -> set[str]:
    return {scope.name for scope in one.scopes}


def _grants(parties: "Parties") -> Iterator[dict[str, Any]]:
    """A scope that no service may ask for has a row without a service."""
    for one in parties.data.values():
        for scope in one.scopes:
            asking = [service for service in parties.services.values() if scope.name in service.data]
            fixed = {"data_provider": one.id, "scope": scope.name, "delivered_by_law": scope.legal_basis}
            if not asking:
                yield {**fixed, "service": "", "asked_by_law": "", "required": ""}
            for service in asking:
                grant = service.data[scope.name]
                yield {**fixed, "service": service.id, "asked_by_law": grant.legal_basis, "required": grant.required}


@fd.command("show")
@click.argument("data_provider_id", metavar="ID")
@in_folder
@as_format
def show_(data_provider_id: str, folder: Path, form: str) -> None:
    """One data provider: what it delivers to whom by which law, and how it has tokens checked.

    Example: passerelle fd show revenus
    """
    settings = settings_of(folder)
    one = settings.parties.data.get(data_provider_id)
    if one is None:
        fail(f'no data provider "{data_provider_id}": passerelle fd list', WRONG_USAGE)
    show_one(_facts(one, settings.parties, f"{settings.public_url}/api/v2"), form)


def _facts(one: "DataProvider", parties: "Parties", issuer: str) -> dict[str, Any]:
    facts = {
        "id": one.id,
        "name": f"{one.name.fr} / {one.name.en}",
        "client_id": one.client_id,
        "active": one.active,
        "resource": one.resource,
        "checks tokens at": f"{issuer}/checktoken",
        "authentication": sorted(one.authentication),
        "secrets": len(one.secrets),
        "keys": (one.keys.address or "a file") if one.keys else "",
        "encryption": one.encrypt or "none",
        "algorithm": one.algorithm,
        "identity": list(one.identity),
        "lifetime": one.lifetime,
        "sector": one.sector,
        "sub_generation": one.sub_generation,
        "checks_per_minute": one.checks,
    }
    for scope in one.scopes:
        facts[f"scope {scope.name}"] = f"{scope.label.fr} / {scope.label.en} ({scope.legal_basis})"
    for row in _grants(parties):
        if row["data_provider"] == one.id and row["service"]:
            kind = "required" if row["required"] else "optional"
            facts[f"{row['scope']} for {row['service']}"] = f"{kind}: {row['asked_by_law']}"
    return facts


@fd.command()
@click.argument("data_provider_id", metavar="ID")
@click.option(
    "--from", "ready", type=click.File("rb"), help="A file that it has filled in itself (- reads standard input)."
)
@click.option("--scope", default="", help="The first scope that it delivers; write the others into the file.")
@click.option("--label-fr", default="", help="What citizens read of it in French.")
@click.option("--label-en", default="", help="What citizens read of it in English (default: as in French).")
@click.option("--legal-basis", default="", help="The law by which it delivers this.")
@click.option("--name-fr", help="What citizens call it in French (default: ID).")
@click.option("--name-en", help="What citizens call it in English (default: as in French).")
@click.option("--client-id", default="", help="Keep a client_id that it has already.")
@click.option("--resource", default="", help="The address of what it delivers.")
@click.option("--jwks-uri", default="", help="It has keys, which it publishes here (private_key_jwt).")
@click.option("--jwks-file", default="", help="Or keys that it handed over: a file in the instance's folder.")
@click.option("--secret", is_flag=True, help="Or a secret, which is made now and printed once.")
@click.option("--secret-file", type=click.File("r"), help="Or the secret that it has already (- reads standard input).")
@dry_run
@in_folder
def new(
    data_provider_id: str,
    ready: IO[bytes] | None,
    secret: bool,
    secret_file: IO[str] | None,
    dry_run: bool,
    folder: Path,
    **options: Any,
) -> None:
    """Write the file of a new data provider, and print its secret, once, if it has one.

    With --from its own file is checked and taken as it is. Nothing is written when it would not be valid.

    \b
    Examples:
      passerelle fd new revenus --from revenus.toml
      passerelle fd new revenus --scope revenu_fiscal --label-fr "Votre revenu fiscal" --legal-basis "CRPA, art. L114-8" \\
        --resource https://fd.example.fr/api --jwks-uri https://fd.example.fr/jwks.json
      passerelle fd new revenus --scope revenu_fiscal --label-fr "Votre revenu fiscal" --legal-basis "…" --secret
    """
    from broker.settings.reader import Document

    if ready and any(options.values()):
        fail("with --from everything is in that file: edit it", WRONG_USAGE)
    with_secret = secret or secret_file is not None
    content = ready.read() if ready else _skeleton(data_provider_id, with_secret, options).encode()
    document = Document(f"partners/fd/{data_provider_id}.toml", content)
    files = files_with(folder, "fd", document)
    table = document.values["fd"]
    _check_fits(data_provider_id, table, with_secret)
    path = folder / "partners" / "fd" / f"{data_provider_id}.toml"
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    if dry_run:
        click.echo(content.decode(), nl=False)
        return
    client_id, made = table["client_id"] or table["id"], ""
    if table["auth"] != "private_key_jwt":
        made = taken_or_made(secret_file)
        hold(files, f"fd-{table['id']}", client_id, made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    click.echo(f"{path} written; read it, then: passerelle check && passerelle reload && passerelle fd test {table['id']}")
    click.echo(f"client_id     {client_id}")
    if made and not secret_file:
        click.echo(f"client_secret {made}   (shown once, kept nowhere)")
    click.echo("what services may ask it for is said in their files: [[fs.data]]")


def _skeleton(data_provider_id: str, with_secret: bool, options: dict[str, Any]) -> str:
    from broker.commands.skeleton import data_provider_file

    missing = [f"--{name.replace('_', '-')}" for name in ("scope", "label_fr", "legal_basis") if not options[name]]
    if missing:
        fail(f"missing: {', '.join(missing)}; or --from with a file that says everything", WRONG_USAGE)
    keys = {name: options[name] for name in ("jwks_uri", "jwks_file") if options[name]}
    if len(keys) + with_secret != 1:
        sentence = "say how it has tokens checked, in one way: --jwks-uri (best), --jwks-file, --secret or --secret-file"
        fail(f"{sentence}; how it makes keys: docs/fd/register.md", WRONG_USAGE)
    return data_provider_file(
        data_provider_id,
        (options["name_fr"] or data_provider_id, options["name_en"] or options["name_fr"] or data_provider_id),
        options["client_id"],
        options["resource"],
        keys,
        (options["scope"], options["label_fr"], options["label_en"] or options["label_fr"], options["legal_basis"]),
    )


def _check_fits(data_provider_id: str, table: Any, with_secret: bool) -> None:
    if table["id"] != data_provider_id:
        fail(f'the file is that of "{table["id"]}": passerelle fd new {table["id"]}', WRONG_USAGE)
    if with_secret and table["auth"] == "private_key_jwt":
        fail("with private_key_jwt there is no secret", WRONG_USAGE)


@fd.command("rotate-secret")
@click.argument("data_provider_id", metavar="ID")
@click.option("--grace", default="14d", show_default=True, help="How long the former secret still counts (14d, 12h, 0m).")
@dry_run
@in_folder
def rotate_secret(data_provider_id: str, grace: str, dry_run: bool, folder: Path) -> None:
    """Give a data provider a new secret, printed once; the former one counts until the grace is over.

    Example: passerelle fd rotate-secret revenus --grace 7d
    """
    from broker.settings.files import read_files

    seconds_of(grace)
    files = read_files(folder, os.environ)
    one = next((one for one in files.sound("fd") if one.id == data_provider_id), None)
    if one is None:
        fail(f'no data provider "{data_provider_id}" whose file is in order: passerelle check', WRONG_USAGE)
    if one.table["auth"] == "private_key_jwt":
        fail(f"{data_provider_id} has no secret, but keys: it changes them itself", WRONG_USAGE)
    rotate(files, one, grace, dry_run)


fd.add_command(test)
