"""What several pages show."""

from dataclasses import dataclass
from typing import Literal

from broker.parties import Text

Conformity = Literal["none", "partial", "full"]


@dataclass(frozen=True, slots=True)
class Look:
    """What every page of this instance shows around its content. `domain` is the host that citizens see.

    `accessibility` is the state that the accessibility statement declares. `mail`, `tel` and `hours` may be "".
    """

    product: Text
    mail: str
    tel: str
    hours: str
    domain: str
    sandbox: bool
    accessibility: Conformity = "none"


@dataclass(frozen=True, slots=True)
class StepForm:
    """Where a page's form goes, and what it carries hidden: `j` (the handle) and `step` (the one-time token)."""

    action: str
    handle: str
    token: str


@dataclass(frozen=True, slots=True)
class ForeignAsker:
    """A service in another country: `title` names it in a sentence, `country` is where it is.

    `name` and `requester` are what its own request says of it, as text; each may be "".
    """

    title: str
    country: str
    name: str
    requester: str
