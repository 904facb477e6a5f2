"""Services that are told of logouts: what hears them are the examples of docs/fs/logout.md, as they stand there."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.peers.programs import ROOT, program
from tests.peers.registrations import Service
from tests.peers.world import HERE, SERVICES, Peers

GUIDE = ROOT / "docs/fs/logout.md"
# In which language the example is that hears them, what plays around it, and the algorithm of the service's tokens.
TOLD = {"basic": ("python", "told.py", "ES256"), "post": ("js", "told.mjs", "RS256")}


def services(ports: Mapping[str, int]) -> list[Service]:
    """Those of every world; two of them are told, at these ports."""
    return [replace(one, lines=one.lines + _address(one.name, ports)) for one in SERVICES]


def _address(name: str, ports: Mapping[str, int]) -> str:
    if name not in TOLD:
        return ""
    return f'\nbackchannel_logout_uri = "http://told.localhost:{ports[name]}/{name}"\nprivate_addresses = true\n'


@contextmanager
def listening(folder: Path, node: str, peers: Peers, ports: Mapping[str, int]) -> Iterator[None]:
    """The examples, started and stopped again; what they say lies in `folder`, as told-NAME.log."""
    with ExitStack() as stack:
        for name, port in ports.items():
            environ = {"ISSUER": f"{peers.broker}/api/v2", "CLIENT_ID": name}
            stack.enter_context(program(folder, f"told-{name}", port, _command(folder, node, name, port), environ))
        yield


def _command(folder: Path, node: str, name: str, port: int) -> Sequence[str]:
    """The example, with the algorithm of its service, and what plays around it."""
    language, player, algorithm = TOLD[name]
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    example = folder / f"told-{name}.{'py' if language == 'python' else 'mjs'}"
    example.write_text(code.replace("ES256", algorithm))
    if language == "python":
        return [sys.executable, "-W", "error", str(HERE / player), str(port), str(example)]
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(HERE / "node_modules")
    return [node, str(HERE / player), str(port), str(example)]
