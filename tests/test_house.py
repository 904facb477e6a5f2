"""What the house promises as a whole, and no single room can keep."""

import ast
import configparser
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.tools import rules

ROOT = Path(__file__).parents[1]
PACKAGES = sorted({file.parent.name for file in ROOT.glob("*/__init__.py")} - {"bench", "tests"})
RULES = rules.find(ROOT / package for package in PACKAGES)
NOT_OURS = {"__pycache__", "node_modules", "artefacts", "build"}
BINARY = {".gz", ".png", ".ico", ".woff2", ".mo", ".p12", ".der"}

HEAVY = {"flask", "werkzeug", "sqlalchemy", "alembic", "psycopg", "authlib", "joserfc", "cryptography", "lxml", "saml2"}
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))]
MACHINE_PATHS = re.compile(r"(?<![\w.~}>])/(?:work|root|home)/\w")

SETUP = configparser.ConfigParser(interpolation=None)
SETUP.read(ROOT / "setup.cfg")


def our_texts():
    """Every text file of the project: its path from the root, and what it says."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not (name in NOT_OURS or "." in name)]
        for file in (Path(folder, name) for name in names):
            if file.suffix not in BINARY and not file.name.startswith(".coverage"):
                yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def words(section, option):
    """The words of a list in setup.cfg."""
    return set(re.split(r"[\s,]+", SETUP[section][option].strip()))


def test_the_command_answers_before_anything_heavy_is_loaded():
    program = """
import sys
from broker.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sys.modules, file=sys.stderr)
"""
    asked = [sys.executable, "-c", program, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "demo" in done.stdout
    assert not HEAVY & set(done.stderr.split())


def test_no_file_names_a_package_registry_or_a_folder_of_this_machine():
    unwanted = re.compile("|".join([*map(re.escape, REGISTRIES), MACHINE_PATHS.pattern]))
    assert not [(path, match[0]) for path, text in our_texts() if (match := unwanted.search(text))]


def test_the_server_file_imports_the_product_alone():
    assert "from broker" in (ROOT / "wsgi.py").read_text()
    assert imported_by(ROOT / "wsgi.py") == set()


@pytest.mark.parametrize(
    ("section", "option"), [("mypy", "files"), ("coverage:run", "source"), ("importlinter", "root_packages")]
)
def test_every_package_is_typed_measured_and_kept_in_its_place(section, option):
    assert set(PACKAGES) <= words(section, option)


def test_every_package_is_installed_and_says_that_it_is_typed():
    assert {f"{package}*" for package in PACKAGES} == words("options.packages.find", "include")
    assert [package for package in PACKAGES if not (ROOT / package / "py.typed").exists()] == []


def test_every_dependency_is_pinned():
    asked = words("options", "install_requires") | words("options.extras_require", "dev")
    assert words("options.extras_require", "demo") <= asked
    assert [package for package in asked if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\d.]+", package)] == []


def imported_by(file):
    """The top-level names of what a file imports, but for the standard library and ourselves."""
    tree = ast.parse(file.read_bytes())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - set(PACKAGES) - {"_typeshed"}


SIMULATED = ROOT / "broker/sandbox"


@pytest.mark.parametrize("simulated", [False, True], ids=["running", "simulated"])
def test_whatever_the_product_imports_is_a_dependency_of_its_own(simulated):
    asked = words("options", "install_requires") | (words("options.extras_require", "demo") if simulated else set())
    declared = {re.split(r"[=\[]", package)[0].lower() for package in asked}
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    of_this_part = [file for file in files if file.is_relative_to(SIMULATED) is simulated]
    imported = {name for file in of_this_part for name in imported_by(file)}
    homes = {name: homes[0].lower().replace("_", "-") for name, homes in packages_distributions().items()}
    assert [name for name in imported if homes.get(name) not in declared] == []


def test_the_changelog_begins_with_what_is_being_made_and_knows_this_version():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert SETUP["metadata"]["version"] in headings


def test_every_target_of_the_makefile_says_what_it_is_for():
    text = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


def test_there_are_rules_to_turn_off():
    assert {rule.module.partition(".")[0] for rule in RULES} >= {"broker", "oidc"}


def test_every_rule_says_what_it_enforces():
    assert [str(rule) for rule in RULES if not rule.function().__doc__] == []
