import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.__main__ import group
from broker.commands.skeleton import write_instance
from broker.commands.writing import write_secret
from broker.ledger import Ledger
from certs.keyring import new_key
from certs.keys import State, Use
from tests.broker.commands.recorded import ledger_of, start
from tests.broker.settings.instance import PROVIDER, SERVICE

Run = Callable[..., Result]
NOW = 1_790_000_000


@pytest.fixture(scope="session")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `passerelle init` writes: made once, for RSA keys take their time."""
    folder = tmp_path_factory.mktemp("skeleton")
    write_instance(folder, "https://connexion.mairie.fr", NOW)
    return folder


@pytest.fixture
def empty(skeleton: Path, tmp_path: Path) -> Path:
    """An instance without partners."""
    return shutil.copytree(skeleton, tmp_path / "instance")


@pytest.fixture
def instance(empty: Path) -> Path:
    """An instance with a service and a provider."""
    (empty / "partners/fs/mairie.toml").write_text(SERVICE, "utf-8")
    (empty / "partners/fi/impots.toml").write_text(PROVIDER, "utf-8")
    write_secret(empty / "secrets/fs-mairie", "d4" * 32)
    write_secret(empty / "secrets/fi-impots", "our-secret-at-impots")
    return empty


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command line: `run("fs", "list", "-C", folder, stdin="…")`. The environment names no instance."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, stdin: str = "") -> Result:
        result = CliRunner().invoke(group, [str(argument) for argument in arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return call


@pytest.fixture
def kept(instance: Path) -> Path:
    """An instance whose ledger has four entries: the configuration, three keys."""
    new_key(instance / "secrets/keys", Use.LEDGER_SIGNING, "P-256", State.ACTIVE, NOW)
    start(instance)
    return instance


@pytest.fixture
def ledger(kept: Path) -> Iterator[Ledger]:
    """Its ledger."""
    with ledger_of(kept) as ledger:
        yield ledger


@pytest.fixture
def head(run: Run, kept: Path, tmp_path: Path) -> Path:
    """A checkpoint that an auditor keeps."""
    path = tmp_path / "kept.txt"
    path.write_text(run("audit", "checkpoint", "-C", kept).output, "utf-8")
    return path
