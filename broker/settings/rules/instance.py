"""What holds for the instance as a whole."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from broker.settings.reader import Document
from broker.settings.rules.addresses import taken_apart, wrong
from broker.settings.rules.countries import COUNTERPARTS
from broker.settings.rules.partner import Partner


def check_public_url(main: Document, sandbox: bool) -> None:
    """The issuer is an https origin without a path (OpenID Connect Discovery 3); the sandbox may use loopback."""
    url = main.values["broker"]["public_url"]
    parts = taken_apart(url)
    if reason := wrong(url, sandbox):
        main.report("E030", "broker.public_url", f"{url} {reason}", 'public_url = "https://connexion.example.fr"')
    elif parts and (parts.path.strip("/") or parts.query):
        main.report("E030", "broker.public_url", "must be scheme and host alone", f"{parts.scheme}://{parts.netloc}")


def check_database_password(main: Document) -> None:
    """A password does not stand in a file under version control."""
    stated = main.stated("broker.database")  # what the environment says in its place may hold one
    parts = taken_apart(stated) if isinstance(stated, str) else None
    if parts and parts.password:
        hint = "leave it out: peer authentication, a password file (PGPASSFILE), or PASSERELLE_DATABASE_URL"
        main.report("E020", "broker.database", "password written in clear", hint)


def check_theme(main: Document, folder: Path) -> None:
    """A theme that is named is there."""
    theme = main.values["broker"]["theme"]
    if theme and ("\0" in theme or not (folder / theme).is_dir()):
        main.report("E030", "broker.theme", f"there is no folder {theme}", "its place is in the instance's folder")


def check_roles(main: Document, countries: Sequence[Partner]) -> None:
    """Countries are met in a role of ours: their Proxy-Service by our Connector, their Connector by our Proxy-Service."""
    for role, counterpart in COUNTERPARTS.items():
        needed = any(country.table.get(f"{counterpart}_metadata") for country in countries)
        if needed and role not in main.values["eidas"]["roles"]:
            sentence = f"there are countries with a {counterpart}_metadata, but this node is no {role}"
            main.report("E030", "eidas.roles", sentence, f'roles = ["{role}"]')


def check_node_described(main: Document) -> None:
    """Message Format 1.4, 2.1: a node's metadata says who it is."""
    eidas = main.values["eidas"]
    if eidas["roles"] and not (eidas["organisation"]["name"] and eidas["organisation"]["url"] and eidas["contacts"]):
        hint = 'organisation = { name = "…", url = "https://…" } and contacts = [{ type = "technical", mail = "…" }]'
        main.report("E013", "eidas.organisation", "our metadata must say who runs this node, and whom to write to", hint)


def check_console_whole(main: Document) -> None:
    """A provider of the console is known whole or not at all: half of one would let nobody in, or not say why."""
    console = main.values["console"]
    needed = ("issuer", "client_id", "client_secret_file", "claim", "name_claim")
    missing = [name for name in needed if not console[name]]
    if not (console["operators"] or console["auditors"]):
        missing.append("operators")
    begun = any(console[name] for name in ("issuer", "client_id", "client_secret_file", "operators", "auditors"))
    if begun and missing:
        hint = "leave out the whole table: people come by one-time links then"
        main.report("E013", f"console.{missing[0]}", f"missing: {', '.join(missing)}", hint)


def check_console_issuer(main: Document, sandbox: bool) -> None:
    """OpenID Connect Discovery 3: the issuer is https."""
    issuer = main.values["console"]["issuer"]
    if issuer and (reason := wrong(issuer, sandbox)):
        main.report("E030", "console.issuer", f"{issuer} {reason}", 'issuer = "https://sso.example.fr"')


def check_announced_days(main: Document) -> None:
    """Announcements are of days that exist, and each is of its own: what says the same on the same days stands once."""
    seen: set[tuple[str, str, str]] = set()
    for one in main.values["eidas"]["announcements"]:
        for key in ("announced", "date"):
            if not _exists(one[key]):
                main.report("E011", "eidas.announcements", f"there is no day {one[key]}", f'{key} = "2026-12-07"')
        name = (one["announced"], one["date"], one["title"]["en"])
        if name in seen:
            main.report("E030", "eidas.announcements", f'"{name[2]}" stands twice', "remove one of them")
        seen.add(name)


def check_offline_certificate(main: Document, folder: Path) -> None:
    """A key that is elsewhere is known here by its certificate: nothing else could say whose document is published."""
    from certs.importing import ImportRefused, read_certificates

    eidas = main.values["eidas"]
    if eidas["metadata_key"] != "offline":
        return
    hint = 'metadata_certificate = "certs/metadata.pem", with the certificate of the offline key in PEM'
    try:
        read_certificates((folder / eidas["metadata_certificate"]).read_bytes())
    except (OSError, ValueError, ImportRefused) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
        main.report("E031", "eidas.metadata_certificate", f"the certificate cannot be read: {reason}", hint)


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
