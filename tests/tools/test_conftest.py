import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # each starts an interpreter of its own


@pytest.fixture
def outcome(tmp_path):
    """Run one test of this body under the house's own conftest; gives the exit status and what was printed."""

    def run(body, **environment):
        case = tmp_path / "test_case.py"
        case.write_text(f"import pytest\n{body}")
        command = [sys.executable, "-m", "pytest", "-c", "setup.cfg", "--rootdir", ".", "-p", "tests.conftest", str(case)]
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PASSERELLE_SAMPLES")}
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"],
            cwd=ROOT,
            env={**kept, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


SKIPPED = "def test_it():\n    pytest.skip('no such part: apt-get install part')\n"
FILE_SKIPPED = "pytest.skip('no such part', allow_module_level=True)\n"


@pytest.mark.parametrize("body", [SKIPPED, FILE_SKIPPED])
def test_a_skip_is_allowed_at_home(outcome, body):
    status, printed = outcome(body)
    assert "skipped: 1" in printed
    assert status in (0, 5)  # 5: pytest ran no test at all


@pytest.mark.parametrize("body", [SKIPPED, FILE_SKIPPED])
def test_a_skip_is_a_failure_in_ci(outcome, body):
    status, printed = outcome(body, CI="true")
    assert status in (1, 2), printed
    assert "CI has every part, and no excuse. Skipped: no such part" in printed


def test_absent_samples_are_an_excuse_even_in_ci(outcome):
    status, printed = outcome("def test_it(samples):\n    pass\n", CI="true")
    assert status == 0, printed
    assert "samples absent" in printed


def test_a_test_is_marked_after_the_parts_that_it_uses(outcome):
    body = "def test_it(request, postgres_url):\n    assert request.node.get_closest_marker('database')\n"
    assert outcome(body, PASSERELLE_TEST_POSTGRES="postgresql://nowhere")[0] == 0


def test_a_rule_is_off_when_the_environment_names_it(outcome):
    body = "from broker import journey\ndef test_it():\n    journey.check_level('no proof', 'no level')\n"
    assert outcome(body, PASSERELLE_RULE_OFF="broker.journey:check_level")[0] == 0
