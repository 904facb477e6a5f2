"""What an operator decides: a waiting document, and whether a country is used. That he may is the gate's to say."""

from typing import Literal

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from broker.console import ConsoleRefused, check_words
from broker.deciding import DecisionRefused, decide, set_state
from broker.web.console.desk import Book, desk, open_book
from broker.web.console.differences import difference
from broker.web.console.events import chosen
from broker.web.console.gate import visit
from broker.web.console.models import CountryPage, DecisionsPage, Difference, Open
from broker.web.console.pages import name_of
from broker.web.render import draw
from eidas.errors import Refused
from metadata.ledger.kinds import COUNTRY, IN_FORCE
from metadata.review import Standing, standing
from metadata.review.documents import reading
from metadata.review.people import decisions
from metadata.review.waiting import Waiting, waiting

_MOST = 50
_UNTAKEN = (ConsoleRefused, DecisionRefused, Refused)


def install(console: Blueprint) -> None:
    """The addresses of decisions."""

    @console.get("/decisions")
    def decisions_page() -> str:
        return draw("console_decisions.html", _decisions(open_book()))

    @console.post("/decisions")
    def decide_on() -> Response:
        form, here = request.form, visit()
        verdict: Literal["approved", "rejected"] = "approved" if form.get("verdict") == "approved" else "rejected"
        document, words = form.get("document", ""), _words()
        try:
            check_verdict(form.get("verdict", ""))
            check_words(words)
            decide(
                here.rooms.ledger,
                here.rooms.vault.store,
                form.get("subject", ""),
                document,
                verdict,
                here.session.name,
                words,
                here.rooms.settings.trust.approvals,
                here.rooms.clock(),
            )
        except _UNTAKEN as wrong:
            page = _decisions(open_book(), wrong.detail, document, words)
            return Response(draw("console_decisions.html", page), 422, mimetype="text/html")
        return redirect("/console/decisions", 303)

    @console.get("/pays/<code>")
    def country_page(code: str) -> str:
        return draw("console_country.html", _country(open_book(), code))

    @console.post("/pays/<code>")
    def switch(code: str) -> Response:
        here, words = visit(), _words()
        page = _country(open_book(), code)
        state: Literal["suspended", "resumed"] = "suspended" if request.form.get("state") == "suspended" else "resumed"
        try:
            check_state(request.form.get("state", ""))
            check_words(words)
            set_state(here.rooms.ledger, here.rooms.vault.store, code, state, here.session.name, words, here.rooms.clock())
        except _UNTAKEN as wrong:
            page = _country(open_book(), code, wrong.detail, words)
            return Response(draw("console_country.html", page), 422, mimetype="text/html")
        return redirect(f"/console/pays/{page.code}", 303)


def check_verdict(verdict: str) -> None:
    """A decision is one of two words: what is neither decides nothing."""
    if verdict not in ("approved", "rejected"):
        raise ConsoleRefused("form", "say whether it is approved or rejected")


def check_state(state: str) -> None:
    """A country is suspended or used: what is neither changes nothing."""
    if state not in ("suspended", "resumed"):
        raise ConsoleRefused("form", "say whether it is suspended or used again")


def _words() -> str:
    """What was typed, on one line."""
    return " ".join(request.form.get("words", "").split())


# -- what is shown ----------------------------------------------------------------------------------------------------


def _decisions(book: Book, wrong: str = "", document: str = "", words: str = "") -> DecisionsPage:
    stand = desk(book)
    said = standing(book.entries, stand.at)
    return DecisionsPage(
        worker=visit().worker,
        desk=stand,
        open=tuple(_open(one, said, book) for one in waiting(book.entries, stand.at)),
        decided=tuple(reversed(decisions(book.entries, stand.at)[-_MOST:])),
        approvals=visit().rooms.settings.trust.approvals,
        wrong=wrong,
        document=document,
        words=words,
    )


def _open(one: Waiting, said: Standing, book: Book) -> Open:
    """A waiting document beside the one in force."""
    read = reading(one.document, one.entity_id, one.role, book.blob)
    force = said.get((IN_FORCE, one.subject))
    changed: Difference | None = difference(force.facts["document"], one.document, book.blob) if force else None
    before = reading(force.facts["document"], force.facts["entity_id"], one.role, book.blob) if force else ""
    return Open(
        waiting=one,
        country=name_of(one.country),
        keys=() if isinstance(read, str) else read.keys,
        known=frozenset() if isinstance(before, str) else frozenset(key.sha256 for key in before.keys),
        difference=changed,
        unreadable=read if isinstance(read, str) else "",
    )


def _country(book: Book, code: str, wrong: str = "", words: str = "") -> CountryPage:
    stand = desk(book)
    said = standing(book.entries, stand.at)
    roles = tuple(sorted(subject[3:] for type_, subject in said if type_ == IN_FORCE and subject.startswith(f"{code}/")))
    told = [entry.event.seq for entry in book.entries if (entry.event.type, entry.event.subject) == (COUNTRY, code)]
    if not roles and not told and code not in visit().rooms.parties.countries:
        abort(404)
    state = said.get((COUNTRY, code))
    return CountryPage(
        worker=visit().worker,
        desk=stand,
        code=code,
        country=name_of(code),
        roles=roles,
        state=state.facts["state"] if state else "resumed",
        events=chosen(book.entries, told),
        wrong=wrong,
        words=words,
    )
