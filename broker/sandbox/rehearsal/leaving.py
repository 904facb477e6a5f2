"""The scenario of a logout: to the broker with the hint, back to the exact address, and the service's session is over."""

from broker.sandbox.rehearsal.browser import Browser, Page
from broker.sandbox.rehearsal.outcome import Failed, NotPlayed
from broker.sandbox.rehearsal.scenes import Scene
from broker.sandbox.rehearsal.stage import END_SESSION, Call


def logout(scene: Scene) -> str:
    """The citizen signs out at the service."""
    registered = scene.stage.service.post_logout_redirect_uris
    if not registered:
        raise NotPlayed("the service has no post_logout_redirect_uris")
    person, browser = scene.cast.french("angela"), Browser()
    scene.begin(person)
    page = scene.logged_in(browser)
    scene.let_in(browser, page, person, "angela")
    left = scene.audience.leave(browser, page)
    if left is None:
        scene.warn("no way to sign out was found on the page", "name it, if there is one: --logout URL")
        return "nothing was tried"
    if scene.audience.opened(browser, left, person):
        raise Failed("the session of the service is still open", "end your own session first, then go to the broker")
    calls = scene.stage.heard.of(END_SESSION)
    if not calls:
        raise Failed(
            "the citizen stays signed in at the broker: it was not told",
            "send the browser to end_session_endpoint with id_token_hint and post_logout_redirect_uri",
        )
    return _judged(scene, calls[-1], left, registered)


def _judged(scene: Scene, call: Call, left: Page, registered: tuple[str, ...]) -> str:
    asked = call.values.get("post_logout_redirect_uri", "")
    if not asked:
        raise Failed("no post_logout_redirect_uri: the citizen does not come back", f"send a registered one: {registered}")
    if asked not in registered:
        raise Failed(f"post_logout_redirect_uri {asked} is not registered", f"registered: {', '.join(registered)}")
    if call.status >= 400:
        raise Failed(f"the broker refuses the logout (HTTP {call.status})", "send the ID token as it was received")
    if left.status >= 400:
        raise Failed(f"the citizen comes back to HTTP {left.status} at {left.place}", "the address must have a page")
    if not call.values.get("id_token_hint"):
        scene.warn("without id_token_hint the citizen is asked first", "send the ID token of the login")
    return f"back at {left.place}, signed out"
