"""The scenarios in which somebody cheats: each answer is wrong in one respect, and must open no session."""

from broker.assurance import Level
from broker.sandbox.rehearsal.browser import Browser
from broker.sandbox.rehearsal.outcome import Failed, NotPlayed
from broker.sandbox.rehearsal.scenes import Scene, value_of, with_values


def signature(scene: Scene) -> str:
    """Another's key under our kid; and a token that says that it needs no signature."""
    fix = "verify with the keys of the jwks_uri, by the one algorithm that you registered"
    scene.refuses("token.bad_sig", "it does not verify the signature of the ID token", fix)
    return scene.refuses("token.unsigned", 'it takes an ID token of alg "none"', fix)


def nonce(scene: Scene) -> str:
    """An ID token that answers another request."""
    fix = "compare id_token.nonce with the value stored in the session"
    return scene.refuses("token.wrong_nonce", "it does not verify nonce", fix)


def issuer(scene: Scene) -> str:
    """An ID token of another broker; and an answer that says that another broker gave it (RFC 9207)."""
    said = scene.refuses("token.wrong_iss", "it does not verify iss", "compare id_token.iss with your issuer")
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    mixed = with_values(scene.departed(browser), iss="https://another-broker.example/api/v2")
    if scene.audience.opened(browser, browser.go(mixed), person):
        scene.warn("iss of the answer is not compared", "with several issuers, compare iss (RFC 9207) with the one asked")
    return said


def audience(scene: Scene) -> str:
    """An ID token for another service."""
    return scene.refuses("token.wrong_aud", "it does not verify aud", "compare id_token.aud with your client_id")


def expired(scene: Scene) -> str:
    """An ID token of two hours ago."""
    return scene.refuses("token.expired", "it does not verify exp", "refuse an ID token whose exp has passed")


def level(scene: Scene) -> str:
    """A lower level than was asked."""
    scene.begin(scene.cast.french("angela"))
    scene.departed(Browser())
    if scene.demand.level is Level.LOW:
        raise NotPlayed("the service asks for eidas1, below which there is nothing")
    fix = "compare id_token.acr with what you need: the level may be lower than you asked"
    return scene.refuses("token.lower_acr", "it does not verify acr", fix)


def state(scene: Scene) -> str:
    """An answer that another browser asked for, that nobody did, that carries no state, or one that was used."""
    fix = "keep state in the browser's session, compare it, and take it away with the first answer"
    somebody = Browser()
    scene.begin(scene.cast.french("angela"))
    foreign = value_of(scene.departed(somebody), "state")
    for changed, how in ((foreign, "another browser's state"), (None, "no state")):
        _injected(scene, Browser(), changed, f"it does not verify state ({how})", fix)
    _stolen(scene, fix)
    if scene.audience.tells_people_apart:
        _used(scene, fix)
    return "refused: of another browser, absent, unasked, used"


def _injected(scene: Scene, browser: Browser, changed: str | None, defect: str, fix: str) -> None:
    person = scene.cast.french("angela")
    scene.begin(person)
    page = browser.go(with_values(scene.departed(browser), state=changed))
    scene.kept_out(browser, page, person, defect, fix)


def _stolen(scene: Scene, fix: str) -> None:
    """The whole answer, in a browser that asked for nothing: signing somebody in as somebody else."""
    person, victim = scene.cast.french("angela"), Browser()
    scene.begin(person)
    page = victim.go(scene.departed(Browser()))
    scene.kept_out(victim, page, person, "it takes an answer in a browser that asked for none", fix)


def _used(scene: Scene, fix: str) -> None:
    first, other, browser = scene.cast.french("angela"), scene.cast.french("hugo"), Browser()
    scene.begin(first)
    going = scene.departed(browser)
    browser.go(going)
    scene.begin(other)
    try:
        again = scene.departed(browser)
    except Failed:
        return  # whoever is signed in cannot sign in once more there
    page = browser.go(with_values(again, state=value_of(going, "state")))
    scene.kept_out(browser, page, other, "it takes a state that was used", fix)


def code(scene: Scene) -> str:
    """The citizen reloads the callback: the code must not be sent a second time."""
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    going = scene.departed(browser)
    browser.go(going)
    page = browser.go(going)
    fix = "take state away with the first answer, and redirect from the callback to a page that can be reloaded"
    if scene.codes().count(value_of(going, "code")) > 1:
        raise Failed("the same code was sent twice, which ends the tokens of the first login", fix)
    if page.status >= 500:
        scene.warn(f"the code is not sent twice, but the citizen reads HTTP {page.status}", fix)
    return f"reloading sends no code again (HTTP {page.status})"


def userinfo(scene: Scene) -> str:
    """The claims of somebody else; and claims with another's signature."""
    fix = "compare userinfo.sub with id_token.sub"
    said = scene.refuses("userinfo.sub_mismatch", "it takes the claims of somebody else", fix)
    try:
        scene.refuses("userinfo.bad_sig", "it does not verify the signature", "")
    except Failed:
        scene.warn("the signature of the userinfo is not verified", "verify the userinfo's JWT as you verify the ID token")
    return said
