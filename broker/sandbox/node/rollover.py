"""The signing keys of a simulated node, and how it changes them: announced, then used, then the old one withdrawn."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from flask import Flask, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.node.reading import NotUnderstood
from broker.sandbox.node.security import NodeKey

Stage = Literal["settled", "announced", "changed"]
STEPS: Mapping[str, Stage] = {"begin": "settled", "replace": "settled", "sign": "announced", "withdraw": "changed"}
"""Every step with the stage at which it is possible."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`signing` signs messages; `coming`, which does not sign yet, or `former`, which signs no more, is published too."""

    signing: NodeKey
    coming: NodeKey | None = None
    former: NodeKey | None = None

    @property
    def published(self) -> tuple[NodeKey, ...]:
        """What the metadata has, the oldest first."""
        return tuple(key for key in (self.former, self.signing, self.coming) if key)

    @property
    def stage(self) -> Stage:
        """Where the change is: nothing changes, the new key is announced, or it signs and the old one is still there."""
        return "announced" if self.coming else "changed" if self.former else "settled"


class Rollover:
    """A node's keys, which its operator changes step by step. Any thread may ask and change.

    `new_key` makes one; `keep` is told of each change.
    """

    def __init__(
        self, keys: Keys, new_key: Callable[[], NodeKey], keep: Callable[[Keys], None] = lambda _keys: None
    ) -> None:
        self._lock = threading.Lock()
        self._keys = keys
        self._new_key = new_key
        self._keep = keep

    @property
    def keys(self) -> Keys:
        """As they are now: published, and signing."""
        return self._keys

    def begin(self) -> None:
        """Publish a second key beside the first. Raises NotUnderstood."""
        self.take("begin")

    def sign_with_the_new_key(self) -> None:
        """Both keys stay published. Raises NotUnderstood."""
        self.take("sign")

    def withdraw_the_old_key(self) -> None:
        """The end of a change. Raises NotUnderstood."""
        self.take("withdraw")

    def replace_at_once(self) -> None:
        """Another key signs and is published alone, which nobody was told: as after a theft. Raises NotUnderstood."""
        self.take("replace")

    def take(self, step: str) -> None:
        """A step by its name. Raises NotUnderstood for one that is not the next."""
        with self._lock:
            check_possible(step, self._keys.stage)
            self._keys = self._after(step, self._keys)
            self._keep(self._keys)

    def _after(self, step: str, keys: Keys) -> Keys:
        if step == "begin":
            return Keys(keys.signing, coming=self._new_key())
        if step == "replace":
            return Keys(self._new_key())
        return Keys(keys.coming, former=keys.signing) if keys.coming else Keys(keys.signing)

    def add_to(self, app: Flask) -> None:
        """The buttons' endpoint beside those of the node, and what its front page shows."""
        app.context_processor(lambda: {"keys": self.keys})
        app.add_url_rule("/rollover", "rollover", self._press, methods=["POST"])

    def _press(self) -> AnyResponse:
        self.take(request.form.get("step", ""))
        return redirect("/", 303)


def check_possible(step: str, stage: Stage) -> None:
    """Ours: a key is published before it signs, and withdrawn when another one signs. eIDAS itself has no rule for it."""
    if STEPS.get(step) != stage:
        raise NotUnderstood("this step is not the next one of a key rollover")
