"""Runs the benchmarks and writes what they found into docs/performance.md, with the machine, the versions and the method.

    python bench/report.py [--quick] [login] [checktoken] [eidas] [metadata]

Without names all of them run: about ten minutes. The page holds what one run found, whole: a program that is not named
keeps no rows of an earlier one.
"""

import argparse
import os
import platform
import sqlite3
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import checktoken, eidas, login, metadata  # noqa: E402
from bench.rows import Row  # noqa: E402

PAGE = ROOT / "docs/performance.md"
PROGRAMS: dict[str, tuple[str, str | None, Callable[[bool], tuple[float, list[Row]]]]] = {
    "login": ("A login of a French citizen at a French service", login.__doc__, lambda quick: login.run(*_few(quick, 400))),
    "checktoken": (
        "A check of a token by a data provider",
        checktoken.__doc__,
        lambda quick: checktoken.run(800 if quick else 4000, quick),
    ),
    "eidas": ("Logins across the border", eidas.__doc__, lambda quick: eidas.run(*_few(quick, 200))),
    "metadata": ("Metadata of other countries", metadata.__doc__, lambda quick: metadata.run(60, 2 if quick else 5)),
}
_PACKAGES = ("Flask", "Werkzeug", "gunicorn", "cryptography", "joserfc", "lxml", "xmlsec", "msgspec", "httptools")
_HEAD = """# What a login costs

This page is written by `python bench/report.py`. Who wants to know what his own machine does runs it there: it needs
nothing but the development installation, and for PostgreSQL a server that can be started (`apt-get install postgresql`).

A *floor* is what nobody could do without, measured in the same run: so the *ratio* says how much is ours, whatever the
machine. CPU time is that of our own processes. A rate is what was reached while the citizens, the service and the provider
ran on the same cores; the *capacity* is what the CPU time of a login allows when they run elsewhere.
"""


def _few(quick: bool, logins: int) -> tuple[int, bool]:
    return (40 if quick else logins), quick


def page(names: list[str], quick: bool) -> str:
    """Run the programs, which print as they go; the page."""
    parts = [_HEAD, f"## Where this was measured\n\n{_machine()}"]
    for name in names:
        title, method, run = PROGRAMS[name]
        print(f"== {name}", flush=True)
        _, rows = run(quick)
        parts.append(
            f"## {title}\n\n{_table(rows)}\n\nMethod: `bench/{name}.py`\n\n```text\n{(method or '').strip()}\n```\n"
        )
    return "\n".join(parts)


def _machine() -> str:
    model = next(iter(_lines("/proc/cpuinfo", "model name")), platform.machine())
    memory = next(iter(_lines("/proc/meminfo", "MemTotal")), "")
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    facts = {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {model}, {memory}; {platform.system()} {platform.release()}",
        "load": f"{load} when the run began (other work on the machine makes each figure worse, the ratio least of all)",
        "Python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {ssl.OPENSSL_VERSION}",
        "packages": packages,
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items()) + "\n"


def _lines(path: str, name: str) -> list[str]:
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    return [line.partition(":")[2].strip() for line in lines if line.startswith(name)]


def _table(rows: list[Row]) -> str:
    """A part of the row above begins with "- "."""
    lines = (f"| {row.what.replace('- ', '· ')} | {row.measured} | {row.goal} |" for row in rows)
    return "\n".join(("| what | measured | goal |", "|---|---|---|", *lines))


def main() -> int:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="login, checktoken, eidas, metadata (default all)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything: to try the program, not to keep")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PROGRAMS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    PAGE.write_text(page(options.names or list(PROGRAMS), options.quick))
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
