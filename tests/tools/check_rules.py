"""`make check-rules`: a rule that no quick test misses is an error.

    python -m tests.tools.check_rules [--tests FOLDER] [--seconds N] PACKAGE... [-- PYTEST-OPTION...]

The quick tests run once with every rule watched: they must pass, and they tell which test calls which rule. Then each rule
is turned off in turn, in a forked child, and the tests that call it run until one fails: the nearest to its module first.
Only when none fails do all the other quick tests run too: a fixture that they share may call it. Prints who caught what,
then the survivors; the exit status is 1 when there are any, or no rule at all, and 2 when the tests do not pass with every
rule on.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools import forks, rules
from tests.tools.rules import Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the folder of the tests, pytest's further options, and how long one rule may take."""

    tests: Path
    options: tuple[str, ...]
    seconds: int
    scratch: Path

    def run(self, name: str, targets: Sequence[str], plugin: object) -> int:
        """Run pytest here and now; what it prints goes to a file, `output(name)`."""
        with self.output(name).open("wb") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        base = f"--basetemp={self.scratch / name}"
        arguments = [*targets, "-p", "no:cacheprovider", base, *self.options]
        return int(pytest.main(arguments, plugins=[plugin]))

    def output(self, name: str) -> Path:
        """Where the run of this name prints."""
        return self.scratch / f"{name}.txt"

    def files(self, tests: set[str] | None) -> list[str]:
        """Where these tests stand; None: all."""
        return [str(self.tests)] if tests is None else sorted({test.partition("::")[0] for test in tests})

    def near(self, rule: Rule) -> list[str]:
        """Where tests of this rule stand, the nearest first: the file that mirrors its module (a package's name stands for
        its folder), the folder of that, and those around it up to its package's.
        """
        package, *rest = rule.module.split(".")
        folders = [f"{self.tests.as_posix()}/{'/'.join([package, *rest[:depth]])}/" for depth in range(len(rest))]
        if not rest:
            return [f"{self.tests.as_posix()}/{package}/"]
        return [f"{folders[-1]}test_{rest[-1]}.py", *reversed(folders)]

    def stages(self, rule: Rule, tests: set[str]) -> list[set[str]]:
        """These tests, in the order in which they try the rule: the nearest first, of each place the file first that calls
        the rule most often. Most rules are caught by the first few, and to collect many files takes seconds.
        """
        left, found = set(tests), []
        for place in [*self.near(rule), ""]:
            here = {test for test in left if test.startswith(place)}
            often = Counter(test.partition("::")[0] for test in here).most_common(1)
            first = {test for test in here for file, _ in often if test.startswith(f"{file}::")}
            found += [stage for stage in (first, here - first) if stage]
            left -= here
        return found


# -- with every rule on -----------------------------------------------------------------------------------------------


class Collected:
    """The plugin of the first look: which files hold tests. It also warms the imports for all children."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Every file once, in order."""
        self.files = list(dict.fromkeys(item.nodeid.partition("::")[0] for item in session.items))


class Watcher:
    """The plugin of the run with every rule on: which test calls which rule."""

    def __init__(self) -> None:
        self.callers: defaultdict[Rule, set[str]] = defaultdict(set)

    def saw(self, rule: Rule) -> None:
        """A rule is called: by the test that runs now, if one does."""
        nodeid, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")
        if nodeid:
            self.callers[rule].add(nodeid)


def look(plan: Plan) -> list[str] | None:
    """The files with tests, or None when they cannot be collected. Runs in this process, silently."""
    saved = os.dup(1), os.dup(2)
    collected = Collected()
    status = plan.run("collection", [str(plan.tests), "--collect-only", "-qq"], collected)
    for number, copy in enumerate(saved, start=1):
        os.dup2(copy, number)
        os.close(copy)
    return collected.files if status == 0 else None


def callers(plan: Plan, found: Sequence[Rule], files: Sequence[str], at_once: int) -> dict[Rule, set[str]] | None:
    """Which tests call which rule; None when a test fails although every rule is on."""

    def work(part: int) -> tuple[int, dict[Rule, set[str]]]:
        watcher = Watcher()
        rules.watch(found, watcher.saw)
        return plan.run(f"watched-{part}", files[part::at_once], watcher), dict(watcher.callers)

    known: defaultdict[Rule, set[str]] = defaultdict(set)
    parts = range(min(at_once, len(files)))
    for part, result in forks.run(work, parts, at_once, seconds=3600):
        if result is None or result[0] != 0:
            print(plan.output(f"watched-{part}").read_text(errors="replace"))
            return None
        for rule, tests in result[1].items():
            known[rule] |= tests
    return known


# -- with one rule off ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """The test that caught the rule's absence, or why none did."""

    caught_by: str | None
    why: str = "every test passes without it"


class Catcher:
    """The plugin of a run with one rule off: runs the wanted tests, and stops at the first that fails.

    Only the failure of a test's own act counts: what breaks while a fixture is made shows that something is used, not
    that it is tested.
    """

    def __init__(self, wanted: set[str] | None, unwanted: set[str]) -> None:
        self._wanted = wanted
        self._unwanted = unwanted
        self.caught_by = ""
        self.broken = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the wanted; when they are not named, all but the unwanted."""
        items[:] = [item for item in items if self._is_wanted(item.nodeid)]

    def _is_wanted(self, nodeid: str) -> bool:
        return nodeid not in self._unwanted if self._wanted is None else nodeid in self._wanted

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected without the rule is a defect of the file."""
        if report.failed:
            self.broken = report.nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the first failure."""
        if report.failed and report.when == "call":
            self.caught_by = self.caught_by or report.nodeid
        elif report.failed:
            self.broken = self.broken or report.nodeid

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Once caught, run no further."""
        if self.caught_by:
            item.session.shouldstop = "caught"


def judge(plan: Plan, rule: Rule, tests: set[str]) -> Verdict:
    """Turn the rule off in this process, and see who notices."""
    rules.turn_off(rule)
    os.environ["PASSERELLE_RULE_OFF"] = str(rule)  # conftest does not shrink examples then
    broken = ""
    for number, wanted in enumerate([*plan.stages(rule, tests), None]):
        catcher = Catcher(wanted, unwanted=tests)
        plan.run(f"{rule.module}.{rule.name}-{number}", plan.files(wanted), catcher)
        if catcher.caught_by:
            return Verdict(catcher.caught_by)
        broken = broken or catcher.broken
    return Verdict(None, f"only the preparation of {broken} breaks" if broken else Verdict(None).why)


def judge_all(plan: Plan, known: Mapping[Rule, set[str]], at_once: int) -> dict[Rule, Verdict]:
    """Every verdict; prints one line for each as it falls."""
    verdicts: dict[Rule, Verdict] = {}
    jobs = sorted(rule for rule, tests in known.items() if tests)
    late = Verdict(None, f"the tests died, or took more than {plan.seconds} seconds")
    for rule, verdict in forks.run(lambda rule: judge(plan, rule, known[rule]), jobs, at_once, plan.seconds):
        verdicts[rule] = verdict or late
        fate = f"caught by {verdicts[rule].caught_by}" if verdicts[rule].caught_by else f"SURVIVES: {verdicts[rule].why}"
        print(f"[{len(verdicts):3}/{len(jobs)}] {rule} … {fate}", flush=True)
    return verdicts | {rule: Verdict(None, "no quick test calls it") for rule, tests in known.items() if not tests}


# -- the command ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="check_rules", description="Turn each rule off and expect a test to fail.")
    parser.add_argument("--tests", type=Path, default=Path("tests"), help="folder of the tests (default: tests)")
    parser.add_argument("--seconds", type=int, default=900, help="how long one rule may take (default: 900)")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many children run at once")
    parser.add_argument("packages", nargs="+", type=Path, help="folders of the packages whose rules are tried")
    own, options = _split(arguments)
    given = parser.parse_args(own)
    with tempfile.TemporaryDirectory(prefix="passerelle-rules-") as scratch:
        plan = Plan(given.tests, tuple(options), given.seconds, Path(scratch))
        return check(plan, [package.resolve() for package in given.packages], given.at_once)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:cut]), list(arguments[cut + 1 :])


def check(plan: Plan, packages: Sequence[Path], at_once: int) -> int:
    """Find the rules, run the tests with all of them, then without each."""
    found = rules.find(packages)
    if not found:
        print("no rule found: a rule is a module-level function named check_*")
        return 1
    files = look(plan)
    if files is None:
        print(plan.output("collection").read_text(errors="replace"))
        print("the tests cannot be collected: mend them first")
        return 2
    print(f"{len(found)} rules; the quick tests with every rule on", flush=True)
    seen = callers(plan, found, files, at_once)
    if seen is None:
        print("the quick tests do not pass with every rule on: mend them first")
        return 2
    return report(judge_all(plan, {rule: seen.get(rule, set()) for rule in found}, at_once))


def report(verdicts: Mapping[Rule, Verdict]) -> int:
    """Print the survivors; the exit status."""
    survivors = [rule for rule in sorted(verdicts) if not verdicts[rule].caught_by]
    print(f"\n{len(verdicts) - len(survivors)} of {len(verdicts)} rules are held by a test")
    for rule in survivors:
        print(f"SURVIVOR {rule}: {verdicts[rule].why}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.path.insert(0, "")
    sys.exit(main(sys.argv[1:]))
