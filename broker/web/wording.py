"""The catalogue's sentences as a citizen reads them: in his language, with the names of the parties put in.

A placeholder without a word gets a general one ("the service"), so that every code can be shown when little is known,
and in the list of the help page.
"""

import re
import unicodedata
from collections.abc import Mapping

from markupsafe import Markup

from broker.errors import Entry, Problem, catalogue
from broker.journey import Failure
from broker.web import i18n, labels
from broker.web.dates import clock
from broker.web.i18n import Language, mark
from broker.web.models import Banner, ErrorPage, HelpCode, HelpPage, StepForm
from broker.web.render import current_look

_GENERAL = {
    "service": mark("the service"),
    "account": mark("the account"),
    "level_got": mark("insufficient"),
    "level_asked": mark("a higher one"),
    "field": mark("a mandatory piece of data"),
    "support": mark("the support of that account"),
    "domain": mark("this site"),
    "time": mark("a later time"),
    "since": mark("a while"),
    "minutes": mark("a few"),
    "country": mark("the one that you chose"),
    "contact": mark("you will find it on the site of your digital identity"),
}
_NAMES = ("service", "account", "support", "domain", "country", "contact")
_LONGEST_QUERY = 100
_REFERENCE = re.compile("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def told(text: str, words: Mapping[str, str]) -> Markup:
    """A sentence of the catalogue with its placeholders filled. Names are kept from the browser's translation."""
    sentence = Markup(text).format_map(_Words(words))  # noqa: S704 - the catalogue is ours; `format_map` escapes words
    begins = text[1:].partition("}")[0] if text.startswith("{") else ""
    return sentence[:1].upper() + sentence[1:] if begins and not words.get(begins) else sentence


class _Words(dict[str, str]):
    """What stands in for each placeholder, made when it is asked for."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, name: str) -> str:
        word = self._words.get(name)
        if not word:
            return i18n.translator()(_GENERAL[name])
        if name in _NAMES:
            return Markup('<span translate="no">{}</span>').format(word)
        if name == "since":
            return clock(int(word), i18n.language())
        if name == "field":
            label = labels.claim_label(word)
            return label[:1].lower() + label[1:]
        return labels.level_word(word) if name in ("level_got", "level_asked") else word


# -- pages ------------------------------------------------------------------------------------------------------------


def banner(failure: Failure, account: str, service_name: str, country: str = "") -> Banner:
    """Why the last attempt failed; `account` is "" when it is not known (any more), `country` the name of a country."""
    known = {"account": account, "service": service_name, "country": country, "domain": current_look().domain}
    message = told(catalogue()[failure.code].message[i18n.language()], {**failure.words, **known})
    return Banner(failure.code, account, message, failure.words.get("contact", ""))


def error_page(
    problem: Problem,
    language: Language,
    *,
    reference: str,
    at: int,
    service_name: str = "",
    words: Mapping[str, str] | None = None,
    nothing_sent: bool = True,
    retry: str = "",
    choose: str = "",
    give_up: StepForm | None = None,
    home: str = "",
    sandbox: bool = False,
    panel: str = "",
) -> ErrorPage:
    """The page of a problem; see `models.ErrorPage`. `words` are the problem's own unless others are given.

    What developers read, the catalogue's sentence and the `panel`, is on it in the sandbox only.
    """
    entry = problem.entry
    given = problem.words if words is None else words
    known = {"domain": current_look().domain, "service": service_name, **given}
    return ErrorPage(
        code=entry.code,
        reference=reference,
        at=at,
        side=entry.side,
        title=entry.title[language],
        message=told(entry.message[language], known),
        todo=tuple(told(line, known) for line in entry.todo[language]),
        service_name=service_name,
        nothing_sent=nothing_sent,
        retry=retry,
        choose=choose,
        give_up=give_up,
        home=home,
        developer=entry.developer if sandbox else "",
        detail=(panel or problem.detail) if sandbox else "",
    )


def help_page(query: str, reference: str, language: Language, europe: bool = False) -> HelpPage:
    """The help page with the codes that hold every word of `query` (all codes when it is empty).

    A `reference` that is none is not shown: the page must not say what a stranger's link makes it say.
    """
    asked = query[:_LONGEST_QUERY].strip()
    wanted = _folded(asked).split()
    codes = (_help_code(entry, language) for entry in catalogue().values())
    found = tuple(code for code in codes if all(word in _haystack(code) for word in wanted))
    return HelpPage(asked, found, reference if _REFERENCE.fullmatch(reference) else "", europe)


def _help_code(entry: Entry, language: Language) -> HelpCode:
    words = {"domain": current_look().domain}
    todo = tuple(told(line, words) for line in entry.todo[language])
    return HelpCode(entry.code, entry.title[language], told(entry.message[language], words), todo)


def _haystack(code: HelpCode) -> str:
    text = " ".join((code.code, code.title, code.message, *code.todo))
    return _folded(Markup(text).striptags())  # noqa: S704 - only to take the tags away


def _folded(text: str) -> str:
    """Lower case, without accents, typographic apostrophes and no-break spaces: people type what they can."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
