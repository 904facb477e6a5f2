"""What the rules of the machine stand on: a play, what they pick from it, and the reckoning at its end."""

from pathlib import Path
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from tests.broker.machine.bags import persons_in
from tests.broker.machine.leaving import Leaving
from tests.broker.machine.model import Code, Form, Stage, Tab, Token
from tests.broker.machine.parties import SCOPES, SERVICES
from tests.broker.world import Browser


class Ground(RuleBasedStateMachine):
    """One play. `instance` is a folder with keys, `database` an empty one to copy."""

    instance: ClassVar[Path]
    database: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.play = Leaving(self.instance, self.database)

    def teardown(self) -> None:
        """At the end every token and every code is what the model says, and everybody can still log in."""
        try:
            self._reckon()
        finally:
            self.play.close()

    def _reckon(self) -> None:
        play = self.play
        for token in play.tokens:
            play.userinfo(token)
        for code in play.codes:
            play.redeem(code, code.tab.service)
        for office in play.offices.values():
            office.failures = 0
        play.clock.advance(61)
        for number in range(3):
            self._whole_login(play.browsers[number], number)
        play.check_blindness()
        play.check_nothing_at_rest()
        assert persons_in(play.disk.whole()) == []

    def _whole_login(self, browser: Browser, citizen: int) -> None:
        asked, verifier = self.play.request("mairie", SCOPES[2], "eidas1", pkce=True, prompt="login")
        tab = self.play.begin(browser, asked, verifier)
        self.play.go_on(tab, citizen)
        assert tab.code is not None
        token = self.play.redeem(tab.code, "mairie")
        assert token is not None
        self.play.userinfo(token)

    # -- picking ------------------------------------------------------------------------------------------------------

    def tab(self, at: int, stage: Stage | None = None, ready: bool = False, citizen: int = 0) -> Tab:
        """A journey; where it shall be `ready`, one that somebody has brought to this step."""
        tab = self.play.tabs[-1 - at % len(self.play.tabs)]
        if not ready or stage is None:
            return tab
        running = tab.stage is not Stage.FINISHED and self.play.finds(self.play.owner(tab), tab)
        tab = tab if running else self.new(self.play.browsers[at % 3], at)
        self.play.go_on(tab, citizen, stage)
        return tab

    def new(self, browser: Browser, at: int) -> Tab:
        service = tuple(SERVICES)[at % len(SERVICES)]
        return self.play.begin(browser, *self.play.request(service, SCOPES[2], None, pkce=at % 2 == 0))

    def post(self, tab: Tab, twist: str, path: str) -> tuple[Browser, Form, str | None] | None:
        """A browser, a form and the site of a post to this journey; None where there is no such form."""
        owner = self.play.owner(tab)
        fresh = self.play.look(owner, tab, path) if twist != "an old form" else None
        others = [form for other in self.play.tabs for form in other.forms if (other is tab) == (twist == "an old form")]
        form = others[-1] if others and (fresh is None or twist == "a form of another journey") else fresh
        browser = self.other(tab) if twist == "another browser" else owner
        return (browser, form, "cross-site" if twist == "another site" else None) if form else None

    def other(self, tab: Tab) -> Browser:
        return self.play.browsers[(self.play.browsers.index(self.play.owner(tab)) + 1) % 3]

    def code(self, at: int, ready: bool) -> Code | None:
        """A code; a fresh one where it shall be ready."""
        if ready:
            self.tab(at, Stage.FINISHED, ready, at % 3)
        return self.play.codes[-1 - (0 if ready else at) % len(self.play.codes)] if self.play.codes else None

    def token(self, at: int, ready: bool) -> Token | None:
        """A token; a fresh one where it shall be ready."""
        code = self.code(at, ready) if ready else None
        if code and not code.taken:
            self.play.redeem(code, code.tab.service)
        return self.play.tokens[-1 - (0 if ready else at) % len(self.play.tokens)] if self.play.tokens else None
