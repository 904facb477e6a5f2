"""The scenarios in which nobody cheats: a login, its refusals, people unlike the others, another key."""

import secrets

from broker.claims import NEVER_FROM_ABROAD
from broker.identity import Person
from broker.sandbox.rehearsal.browser import Browser, Page
from broker.sandbox.rehearsal.outcome import Failed, NotPlayed
from broker.sandbox.rehearsal.scenes import Scene, has_traceback
from broker.sandbox.rehearsal.stage import USERINFO_ENDPOINT, Refusal, Script

_COPE = "do not require what may be absent: docs/fs/claims.md says what may"


def login(scene: Scene) -> str:
    """A citizen signs in. What this shows tells the other scenarios what a session looks like."""
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    page = scene.logged_in(browser)
    try:
        scene.audience.learn(browser, page, person)
    except Failed as unseen:
        if not (why := scene.diagnosis()):
            raise
        raise Failed(f"{unseen.said}; {why}", "send what the broker expects: docs/fs/integrate.md") from unseen
    scene.audience.reads_userinfo = bool(scene.stage.heard.of(USERINFO_ENDPOINT))
    return scene.let_in(browser, page, person, "angela")


def cancelled(scene: Scene) -> str:
    """The citizen turns back at the broker: access_denied."""
    return _told(scene, Refusal("access_denied", "authentication could not be completed [TEST-0000]", "USR-101"))


def failed(scene: Scene) -> str:
    """The broker could not do it: any other error, whose description is a stranger's text."""
    probe = f"passerelle-probe-{secrets.token_hex(4)}"
    page = _played(scene, Refusal("temporarily_unavailable", f"try again later <{probe}> [TEST-0000]", "FI-202"))
    if f"<{probe}" in page.text:
        raise Failed("the page writes error_description as HTML", "escape what comes in the address: anybody can write it")
    return _shown(page)


def _told(scene: Scene, refusal: Refusal) -> str:
    return _shown(_played(scene, refusal))


def _played(scene: Scene, refusal: Refusal) -> Page:
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person, refusal=refusal)
    page = browser.go(scene.departed(browser))
    if scene.audience.opened(browser, page, person):
        raise Failed("the service OPENED A SESSION on an error", "look for error before anything else")
    return page


def _shown(page: Page) -> str:
    fix = "an error is an ordinary answer: show a page that says so, and offer to begin again"
    if page.status >= 500:
        raise Failed(f"HTTP {page.status}", fix)
    if has_traceback(page):
        raise Failed("a traceback is shown", fix)
    if not page.text.strip():
        raise Failed("a blank page is shown", fix)
    return f"page shown (HTTP {page.status}), no traceback"


# -- people unlike the others -----------------------------------------------------------------------------------------


def no_birthplace(scene: Scene) -> str:
    """Born abroad: an empty text; and a claim that is not there at all."""
    person, browser = scene.cast.french("abroad"), Browser()
    scene.begin(person)
    page = scene.logged_in(browser)
    if not NEVER_FROM_ABROAD.intersection(scene.demand.claims):
        raise NotPlayed("the service does not ask for birthplace")
    _coped(scene, browser, page, person, "a citizen born abroad")
    browser = Browser()
    scene.begin(person, fault="userinfo.missing_birthplace")
    return _coped(scene, browser, scene.logged_in(browser), person, "a citizen without a birthplace")


def unknown_day(scene: Scene) -> str:
    """A birth date YYYY-MM-00, which is no date of any library."""
    person, browser = scene.cast.french("day_unknown"), Browser()
    scene.begin(person)
    page = scene.logged_in(browser)
    if "birthdate" not in scene.demand.claims:
        raise NotPlayed("the service does not ask for birthdate")
    return _coped(scene, browser, page, person, "a citizen whose birthday nobody knows")


def foreigner(scene: Scene) -> str:
    """A citizen of another country, with the minimum data set alone."""
    if not scene.stage.service.europe:
        raise NotPlayed("europe = false in the service's file: nobody from another country can log in")
    citizen, browser = scene.cast.european("el-onasis", "EL"), Browser()
    scene.stage.begin(Script(citizen))
    page = scene.logged_in(browser)
    return _coped(scene, browser, page, citizen(scene.demand), "a citizen of Greece")


def _coped(scene: Scene, browser: Browser, page: Page, person: Person, who: str) -> str:
    if page.status >= 500:
        raise Failed(f"HTTP {page.status} for {who}", _COPE)
    try:
        return scene.let_in(browser, page, person, who)
    except Failed as refused:
        raise Failed(refused.said, _COPE) from refused


# -- another key ------------------------------------------------------------------------------------------------------


def rotation(scene: Scene) -> str:
    """The broker changes its key while the citizen is on his way.

    Libraries do well to fetch keys at most once a minute, and a broker shows a key long before it signs. So one that fails
    is tried again with another key, when a minute has passed since it last looked.
    """
    if _rotated(scene):
        return "worked at once: the keys were fetched again"
    _works(scene)  # so that the keys of now are the ones that it keeps, if it can
    if (left := _PAUSE - scene.stage.since_keys_fetched()) > 0:
        scene.wait(left, "many libraries fetch keys at most once a minute")
    if _rotated(scene):
        return "worked at once, a minute after the keys were fetched"
    fix = "when a kid is not among the keys that you keep, fetch the keys again, once"
    if _works(scene):
        scene.warn("worked after 1 failed login: JWKS cached too long", fix)
        return "worked in the end"
    raise Failed("no login works any more: the new key is never fetched", fix)


_PAUSE = 61


def _works(scene: Scene) -> bool:
    """Whether an ordinary login succeeds."""
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    return scene.audience.opened(browser, scene.logged_in(browser), person)


def _rotated(scene: Scene) -> bool:
    """Whether a login succeeds during which the key changes."""
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    going = scene.departed(browser)
    scene.stage.rotate()
    return scene.audience.opened(browser, browser.go(going), person)
