"""What holds for all partners, and for all who have a client_id."""

from collections.abc import Collection, Sequence

from broker.settings.rules.partner import Partner


def check_ids(partners: Sequence[Partner]) -> None:
    """An id is of one partner."""
    seen: dict[str, str] = {}
    for partner in partners:
        key = "code" if partner.kind == "country" else "id"
        other = seen.setdefault(partner.table.get(key, partner.document.shown), partner.document.shown)
        if other != partner.document.shown:
            partner.document.report("E030", f"{partner.kind}.{key}", f"also the {key} of {other}")


def check_client_ids(clients: Sequence[Partner]) -> None:
    """A client_id is of one client (RFC 6749 2.2): nobody comes as another by a name that both have."""
    seen: dict[str, str] = {}
    for client in clients:
        client_id = client.table.get("client_id") or client.table.get("id", client.document.shown)
        other = seen.setdefault(client_id, client.document.shown)
        if other != client.document.shown:
            client.document.report("E030", f"{client.kind}.client_id", f"also the client_id of {other}")


def check_contacts(partner: Partner) -> None:
    """Somebody can be reached."""
    if not any(entry["mail"] or entry["tel"] for entry in partner.table["contacts"]):
        use = "support" if partner.kind == "fi" else "technical"
        hint = f'contacts = [{{ type = "{use}", mail = "…" }}]'
        partner.document.report("W031", f"{partner.kind}.contacts", "nobody can be reached", hint)


def check_generation(partner: Partner, known: Collection[int]) -> None:
    """The key behind the identifiers that the partner receives is there."""
    wanted = partner.table["sub_generation"]
    if wanted not in known:
        hint = f"there are: {', '.join(f'secrets/sub-{number}' for number in known)}"
        partner.document.report("E030", f"{partner.kind}.sub_generation", f"there is no secrets/sub-{wanted}", hint)
