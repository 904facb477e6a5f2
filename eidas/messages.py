"""The two messages as values: what is written, and what was read and proven. Moments are Unix seconds.

`Expected` and `KnownConnector` say everything that a reader may believe beforehand; all else comes from the octets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eidas.algorithms import STRICT, Compatibility, Deviation
from eidas.attributes import Attribute
from eidas.certificates import Certificate
from eidas.vocabulary import PERSISTENT

Comparison = Literal["minimum", "exact"]
SpType = Literal["public", "private"]

# -- AuthnRequest -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestedAttribute:
    """One attribute that is asked for, by its name (a URI); `required` ones belong to the minimum data set."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """What a Connector asks of a Proxy-Service (Message Format 1.4, 2.3, 2.4, 6.3).

    `levels` are URIs; `sp_type` is None when the Connector's metadata says it; `name_id_format` None: no policy.
    """

    id: str
    issuer: str
    destination: str
    issued: int
    levels: tuple[str, ...]
    comparison: Comparison
    attributes: tuple[RequestedAttribute, ...]
    sp_type: SpType | None = None
    requester_id: str | None = None
    provider_name: str | None = None
    name_id_format: str | None = PERSISTENT


@dataclass(frozen=True, slots=True)
class KnownConnector:
    """What a Proxy-Service knows of the Connector that an AuthnRequest says it comes from (its metadata), and of itself.

    `keys` are the Connector's signing certificates, `acs` its default AssertionConsumerServiceURL, `sp_type` what its
    metadata says (None: nothing); `endpoint` is the address of ours at which the request arrived, `levels` and `attributes`
    are what we publish, `skew` is in seconds.
    """

    entity_id: str
    keys: tuple[Certificate, ...]
    acs: str
    sp_type: SpType | None
    endpoint: str
    levels: frozenset[str]
    attributes: frozenset[str]
    now: int
    wants_requester_id: bool = False
    compatibility: Compatibility = STRICT
    skew: int = 60


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """An AuthnRequest that passed every rule. `deviations` are those that it needed, for the log."""

    request: AuthnRequest
    deviations: frozenset[Deviation]


# -- Response ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whose answer it is, to what, and for whom.

    `destination` is the Connector's AssertionConsumerService, `audience` its entity ID.
    """

    id: str
    issuer: str
    destination: str
    in_response_to: str
    issued: int
    audience: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a Proxy-Service asserts: a person, at a level (a URI), who proved himself at a moment."""

    assertion_id: str
    name_id: str
    level: str
    authenticated: int
    attributes: tuple[Attribute, ...]
    name_id_format: str = PERSISTENT


@dataclass(frozen=True, slots=True)
class Status:
    """Why there is no identification: `code` and `sub` are SAML status URNs, `message` is English."""

    code: str
    sub: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a Connector knows before it reads a Response.

    `issuer` is the entity ID of the Proxy-Service of the country that was asked, `country` its code ("EL"), `keys` its
    signing certificates and `published` its levels, all by its metadata; `entity_id` and `acs` are ours; `request` is
    what we asked. `recipient_country` is the second part of a PersonIdentifier made for us ("FR"); `skew` is in seconds.
    """

    issuer: str
    country: str
    keys: tuple[Certificate, ...]
    published: frozenset[str]
    entity_id: str
    acs: str
    request: AuthnRequest
    now: int
    recipient_country: str = "FR"
    compatibility: Compatibility = STRICT
    skew: int = 60


@dataclass(frozen=True, slots=True)
class Identification:
    """A person whom a country identified, every rule having passed.

    `attributes` are by name, unknown ones left out; `until` is when the assertion ends: keep `response_id` and
    `assertion_id` against replays till then. `digest` is the SHA-256 of the octets; `signer` whose key
    signed them; `deviations` are for the log.
    """

    response_id: str
    assertion_id: str
    level: str
    authenticated: int
    until: int
    attributes: Mapping[str, Attribute]
    digest: bytes
    signer: Certificate
    deviations: frozenset[Deviation]


@dataclass(frozen=True, slots=True)
class Peeked:
    """What a message says of itself before anything is proven: only to find the journey or the sender by."""

    id: str
    issuer: str
    in_response_to: str
