"""Which software of others the tests of this folder meet on this machine: `python -m tests.peers.versions`."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
NPM = ("openid-client", "oauth4webapi", "oidc-provider", "jose")
ABSENT = "absent"


def versions() -> Mapping[str, str]:
    """The version of each peer, as it says itself."""
    return {
        **{name: npm(name) for name in NPM},
        "france-connect-py": python("france-connect-py"),
        "mod_auth_openidc": debian("libapache2-mod-auth-openidc"),
        "Apache": debian("apache2"),
        "Chromium": said("chromium", "--version"),
        "Node": said("node", "--version"),
    }


def npm(name: str) -> str:
    """Of a package that is installed beside package.json."""
    described = HERE / "node_modules" / name / "package.json"
    return str(json.loads(described.read_text())["version"]) if described.is_file() else ABSENT


def python(name: str) -> str:
    """Of a package in the environment of requirements.txt."""
    shown = said(str(HERE / ".venv/bin/pip"), "show", name)
    found = re.search(r"^Version: (.*)$", shown, re.MULTILINE)
    return found.group(1) if found else ABSENT


def debian(package: str) -> str:
    """Of a package of Debian's."""
    return said("dpkg-query", "--show", "--showformat=${Version}", package)


def said(program: str, *arguments: str) -> str:
    """What a program says; that it is absent, when it cannot."""
    if shutil.which(program) is None:
        return ABSENT
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ABSENT


if __name__ == "__main__":
    for peer, version in versions().items():
        print(f"{peer:<20}{version}")
