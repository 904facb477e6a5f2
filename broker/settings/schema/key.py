"""What a key is, and short ways to state one."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "flag", "number", "words", "table", "tables"]
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `kind`: text, flag, number, words (a list of texts), table, or tables (a list of them).

    `default` is REQUIRED when there is none; `allowed` lists the values (of each word) when not everything is; `pattern`
    is the form of a text, and `form` says it in words; `least` and `most` bound a number; `filled` forbids an empty text
    or list; `inside` are the keys of a table.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    default: Any = REQUIRED
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    least: int = 0
    most: int = 0
    filled: bool = False
    inside: tuple["Key", ...] = ()
    since: str = "0.1.0"


def text(name: str, meaning: str, example: str, default: Any = REQUIRED, **more: Any) -> Key:
    """What is required must also say something."""
    return Key(name, "text", meaning, example, default, filled=default is REQUIRED, **more)


def flag(name: str, meaning: str, example: str, default: Any = REQUIRED) -> Key:
    """True or false."""
    return Key(name, "flag", meaning, example, default)


def number(name: str, meaning: str, default: int, least: int, most: int) -> Key:
    """A whole number within bounds."""
    return Key(name, "number", meaning, str(default), default, least=least, most=most)


def words(name: str, meaning: str, example: str, default: Any = (), **more: Any) -> Key:
    """A list of texts; a list that is required has one at least."""
    return Key(name, "words", meaning, example, default, filled=default != (), **more)


def identifier(meaning: str, example: str) -> Key:
    """What a partner is called in commands and in the journal."""
    return text("id", meaning, example, pattern=r"[a-z0-9][a-z0-9-]{0,62}", form="1 to 63 of a-z, 0-9 and -")


def named(meaning: str, example: str) -> Key:
    """What a partner is called, in both languages."""
    french = text("fr", "In French.", '"Mairie de Démo"')
    english = text("en", "In English.", '"Demo Town Hall"')
    return Key("name", "table", meaning, example, inside=(french, english))


def worded(name: str, meaning: str, example: str) -> Key:
    """A text that must say something: blanks alone do not."""
    return text(name, meaning, example, pattern=r"\s*\S[\s\S]*", form="a text that is not blank")


def contacts(meaning: str, example: str) -> Key:
    """Whom to write to."""
    inside = (
        text("type", "For what.", '"technical"', "technical", allowed=("technical", "support", "security")),
        text("mail", "An address.", '"si@mairie.example"', ""),
        text("tel", "A number.", '"+33 1 99 00 00 00"', ""),
    )
    return Key("contacts", "tables", meaning, example, (), inside=inside)


def day(name: str, meaning: str, example: str) -> Key:
    """A date."""
    return text(name, meaning, example, pattern=r"\d{4}-\d\d-\d\d", form="YYYY-MM-DD")


def bilingual(name: str, meaning: str, example: str, english: Any = REQUIRED) -> Key:
    """A text for people abroad: English first, French if somebody wrote it."""
    inside = (text("en", "In English.", '"Maintenance"', english), text("fr", "In French.", '"Maintenance"', ""))
    return Key(name, "table", meaning, example, REQUIRED if english is REQUIRED else {}, inside=inside)
