"""Levels of assurance: low < substantial < high, written `eidas1`, `eidas2`, `eidas3` on the wire."""

from collections.abc import Iterable
from enum import IntEnum


class Level(IntEnum):
    """How sure a provider is of a person (Regulation (EU) 910/2014, article 8; FranceConnect's acr values)."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3

    @property
    def acr(self) -> str:
        """The value of `acr` and `acr_values`: `eidas1`, `eidas2` or `eidas3`."""
        return f"eidas{self.value}"

    @property
    def word(self) -> str:
        """The word of configuration files: `low`, `substantial` or `high`."""
        return self.name.lower()

    @classmethod
    def of_acr(cls, acr: str) -> "Level":
        """The level that an acr names; ValueError when it names none."""
        for level in cls:
            if level.acr == acr:
                return level
        raise ValueError(f"unknown acr {acr!r}")

    @classmethod
    def of_word(cls, word: str) -> "Level":
        """The level that a word of the configuration names; ValueError when it names none."""
        for level in cls:
            if level.word == word:
                return level
        raise ValueError(f"unknown level {word!r}")


ACRS = tuple(level.acr for level in Level)


def lowest_acceptable(acr_values: Iterable[str], minimum: Level) -> Level:
    """The level that an answer must reach: the lowest one asked, never under the service's own minimum.

    FranceConnect takes the lowest known value of `acr_values`; without a known one the service's minimum holds.
    """
    asked = [Level.of_acr(acr) for acr in acr_values if acr in ACRS]
    return max(min(asked), minimum) if asked else minimum


def level_to_ask(needed: Level, offered: Iterable[Level]) -> Level:
    """The level asked of a provider: the lowest it can vouch for that is enough; ValueError when none is."""
    enough = [level for level in offered if level >= needed]
    if not enough:
        raise ValueError(f"no level of at least {needed.word}")
    return min(enough)
