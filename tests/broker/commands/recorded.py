"""Telling the ledger of an instance, as its starts do."""

from pathlib import Path

from broker.recording import record
from broker.settings import load
from certs.keyring import load_keyring

NOW = 1_790_000_000


def start(instance: Path, now: int = NOW) -> None:
    """What a start tells the ledger."""
    settings = load(instance)
    assert record(settings, load_keyring(settings.secrets_folder / "keys"), {}, now) == ""


def grow(instance: Path) -> None:
    """Another configuration, a day later."""
    main = instance / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace("sso_minutes  = 30", "sso_minutes = 20"), "utf-8")
    start(instance, NOW + 86_400)
