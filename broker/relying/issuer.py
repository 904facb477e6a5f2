"""Who answers with tokens: what is needed to sign one, and to put it into its envelope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from broker.parties import Parties
from broker.relying.keys import KeySource
from certs.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Issuer:
    """This instance, by its `url`: whom it knows, its own keys, and those of its partners by their client_id."""

    url: str
    parties: Parties
    keyring: Keyring
    keys: Mapping[str, KeySource]
    clock: Callable[[], int]
