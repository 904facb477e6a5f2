"""Files that somebody has spoilt: whatever stands in them, there are settings or problems, never a traceback."""

import random
from pathlib import Path

import pytest

from broker.settings import SettingProblem, SettingsInvalid
from tests.broker.settings.instance import DATA_PROVIDER, GRANTS, IMPOTS, MAIN_FILE, MAIRIE, REVENUS, SERVICE, Folder

PIECES = [
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "#",
    ".",
    "1",
    "-1",
    "true",
    '"x"',
    "[]",
    "{}",
    "\x00",
    "é",
    "https://[",
    "1e9",
]
FILES = [MAIN_FILE, MAIRIE, IMPOTS, REVENUS, "secrets/pepper-1", "secrets/sub-1", "secrets/fs-mairie", "secrets/fi-impots"]


def spoil(text: str, chance: random.Random) -> str:
    """A text with one to three cuts, doubled parts, swapped values or foreign pieces."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randint(0, 12))
        new = chance.choice(["", text[start:end] * 2, chance.choice(PIECES)])
        text = text[:start] + new + text[end:]
    return text


def revalue(text: str, chance: random.Random) -> str:
    """A text in which one key has a value of another type."""
    lines = text.splitlines()
    keys = [number for number, line in enumerate(lines) if " = " in line]
    number = chance.choice(keys) if keys else 0
    values = [
        "1",
        "-1",
        "1.5",
        "true",
        '""',
        '"x"',
        "[]",
        "[1]",
        '[""]',
        '["x"]',
        "{}",
        "{ fr = 1 }",
        "[{}]",
        "1979-05-27",
        "inf",
    ]
    lines[number] = f"{lines[number].partition(' = ')[0]} = {chance.choice(values)}"
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(300))
def test_a_spoilt_file_gives_settings_or_problems(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    folder = Folder(tmp_path)
    folder.write(REVENUS, DATA_PROVIDER)
    folder.write(MAIRIE, SERVICE + GRANTS)
    name = chance.choice(FILES)
    text = (tmp_path / name).read_text("utf-8")
    way = chance.choice([spoil, revalue])
    (tmp_path / name).write_text(way(text, chance), "utf-8")
    problems = problems_of(folder)
    assert problems is None or any(problem.is_error for problem in problems)
    assert all(str(problem) for problem in problems or ())


def problems_of(folder: Folder) -> tuple[SettingProblem, ...] | None:
    """None when there are settings."""
    try:
        folder.load()
    except SettingsInvalid as invalid:
        return invalid.problems
    return None
