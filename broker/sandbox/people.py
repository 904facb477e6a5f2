"""The test people as the broker knows them after a login: what providers and nodes state of them, read by its own rules."""

from datetime import date

from broker import bridge
from broker.european import EuropeanIdentity
from broker.identity import Identity, read_identity
from broker.sandbox.node.people import MINIMUM, European
from broker.sandbox.personas import Persona
from eidas.attributes import DEFINITIONS, Attribute, Value


class CannotLogIn(Exception):
    """The broker refuses this citizen of another country; `code` is what he reads."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def french(persona: Persona, today: date) -> Identity:
    """The identity of a test person of the French providers. Raises broker.identity.FieldRefused."""
    return read_identity(persona.claims(today, 1), today)


def european(citizen: European, country: str, claims: tuple[str, ...]) -> EuropeanIdentity:
    """The identity of a test citizen of another country whose service asks for these claims. Raises CannotLogIn."""
    check_natural(citizen)
    stated = citizen.stated(country, 1)
    wanted = {one.name for one in bridge.attributes_to_ask(claims, frozenset(DEFINITIONS))}
    return bridge.identity_of({name: _attribute(name, stated[name]) for name in stated if name in wanted}, country)


def check_natural(citizen: European) -> None:
    """Attribute Profile 1.4, 2.2: a person who acts for himself, with the minimum data set, each name in Latin script."""
    if not citizen.acts_alone:
        raise CannotLogIn("EID-306", "a legal person, or somebody who stands for another")
    for name in MINIMUM:
        if not citizen.facts.get(name):
            raise CannotLogIn("EID-305", f"{name} is missing")
    for name, texts in citizen.facts.items():
        if not texts[0]:
            raise CannotLogIn("EID-303", f"{name} has no form in Latin script")


def _attribute(name: str, texts: tuple[str, ...]) -> Attribute:
    """Of two values the second one is in another script."""
    values = tuple(Value(text, latin=number == 0) for number, text in enumerate(texts) if text)
    return Attribute(DEFINITIONS[name], values)
