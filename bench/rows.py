"""What a benchmark found, as rows of a table; `report.py` writes those of all of them into docs/performance.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing that was measured; `goal` is "" where there is none."""

    what: str
    measured: str
    goal: str = ""


def told(rows: list[Row]) -> None:
    """Print them."""
    for row in rows:
        print(f"{row.what:<58} {row.measured}" + (f"   (goal {row.goal})" if row.goal else ""), flush=True)
