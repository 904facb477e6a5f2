"""The rules in docs/operator/metadata.md, made from their docstrings:

python -m tests.tools.metadata_page     # writes the part of the page below its last heading anew
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metadata.conformance import OCTETS, RULES
from metadata.conformance.parts import Rule

PAGE = Path(__file__).parents[2] / "docs" / "operator" / "metadata.md"
HEADING = "## The rules\n"
_INTRODUCTION = """
Made from the rules' docstrings by `python -m tests.tools.metadata_page`: change those, not this table. A number keeps its
meaning for ever. How to mend each: `passerelle metadata rules`.
"""


def table() -> str:
    """What stands below the heading."""
    every: list[Rule[Any]] = sorted([*OCTETS, *RULES], key=lambda rule: rule.id)
    return "\n".join(
        (_INTRODUCTION, "| rule | severity | demands | where it is written |", "|---|---|---|---|", *_rows(every), "")
    )


def _rows(every: list[Rule[Any]]) -> Iterator[str]:
    for rule in every:
        yield f"| {rule.id} | {rule.severity} | {rule.demand} | {rule.clause} |"


if __name__ == "__main__":
    head, heading, _ = PAGE.read_text("utf-8").partition(HEADING)
    PAGE.write_text(head + heading + table(), "utf-8")
