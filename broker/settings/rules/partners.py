"""What holds for all partners."""

from collections.abc import Sequence

from broker.settings.rules.partner import Partner


def check_ids(kind: str, partners: Sequence[Partner]) -> None:
    """An id is of one partner."""
    seen: dict[str, str] = {}
    for partner in partners:
        key = "code" if kind == "country" else "id"
        other = seen.setdefault(partner.table.get(key, partner.document.shown), partner.document.shown)
        if other != partner.document.shown:
            partner.document.report("E030", f"{kind}.{key}", f"also the {key} of {other}")


def check_contacts(kind: str, partner: Partner) -> None:
    """Somebody can be reached."""
    if not any(entry["mail"] or entry["tel"] for entry in partner.table["contacts"]):
        use = "technical" if kind == "fs" else "support"
        hint = f'contacts = [{{ type = "{use}", mail = "…" }}]'
        partner.document.report("W031", f"{kind}.contacts", "nobody can be reached", hint)
