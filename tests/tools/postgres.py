"""A PostgreSQL server of our own: an empty cluster in a temporary folder, reachable through a Unix socket alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PORT = 54329  # names the socket's file; nothing listens on the network
_SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian keeps off the path; None when there is no server."""
    folders = [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)]
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else (folders[-1] if folders else None)


def _version(initdb: Path) -> int:
    return int(initdb.parts[-3])


class Server:
    """A cluster in a folder of its own, which can be stopped and started again. `url` is that of an empty database."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        user = _unprivileged()
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._run = _Runner(bin_folder, folder, user)
        self._folder = folder
        self.url = f"postgresql+psycopg://passerelle@/postgres?host={folder}&port={_PORT}"

    def make(self) -> None:
        """Its files."""
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "passerelle", "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """It runs when this returns."""
        options = " ".join(["-p", str(_PORT), "-k", str(self._folder), *(f"-c {setting}" for setting in _SETTINGS)])
        self._run("pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """It ends, whoever is connected: at once, as in a crash, or by `fast` with everything written."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", "data", "-m", mode, "-w", "stop")


@contextmanager
def server(bin_folder: Path) -> Iterator[Server]:
    """A running server. Afterwards nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="passerelle-pg-"))
    made = Server(bin_folder, folder)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@contextmanager
def cluster(bin_folder: Path) -> Iterator[str]:
    """A running server; yields the URL of an empty database for SQLAlchemy. Afterwards nothing is left."""
    with server(bin_folder) as made:
        yield made.url


class _Runner:
    def __init__(self, bin_folder: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
        self._bin_folder = bin_folder
        self._folder = folder
        self._identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

    def __call__(self, program: str, *arguments: str) -> None:
        # A file, not a pipe: the server inherits it, and would keep a pipe open.
        with (self._folder / "out").open("ab") as out:
            done = subprocess.run(
                [self._bin_folder / program, *arguments],
                cwd=self._folder,
                env={"PATH": f"{self._bin_folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                **self._identity,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {(self._folder / 'out').read_text()}")


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
