"""One fact of the process: whether it serves real people. Then the simulated world must not exist in it.

The fact is the environment variable PASSERELLE_MODE, so that it holds for the processes that this one starts, too.
"""

import os

MODE = "PASSERELLE_MODE"
PRODUCTION = "production"


class SandboxForbidden(ImportError):
    """The simulated world was imported by a process that serves real people."""


def declare() -> None:
    """From now on this process, and those that it starts, serve real people."""
    os.environ[MODE] = PRODUCTION


def check_not_production(mode: str | None) -> None:
    """Simulated people, switched faults and pages that show every message must not come near real logins."""
    if mode == PRODUCTION:
        raise SandboxForbidden(f"broker.sandbox is not for production ({MODE}={PRODUCTION})")
