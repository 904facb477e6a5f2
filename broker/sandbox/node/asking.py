"""What the simulated Connector asks: AuthnRequests as Message Format 1.4, 2.3, 2.4 and 6.3 have them, as texts."""

import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from lxml import etree

from broker.sandbox.node.people import ATTRIBUTES, MINIMUM, NATURAL
from broker.sandbox.node.reading import EXTENSIONS, LEVELS, LOA, SAMLP, URI
from broker.sandbox.node.security import SAML, Element, NodeKey, sign, sign_query
from broker.sandbox.node.writing import ENTITY, PERSISTENT, moment

OPTIONAL = tuple(name for name, facts in ATTRIBUTES.items() if not facts.legal and name not in MINIMUM)
"""What may be asked for beyond the minimum data set, by the last parts of the names."""
USUAL = ("BirthName", "Gender", "PlaceOfBirth", "CountryOfBirth", "EmailAddress")
"""What is asked for when nobody says anything else."""
SP_TYPES = ("public", "private")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a service wants to know of somebody, and how it is asked for.

    `wanted` are names out of OPTIONAL; `binding` is one of BINDINGS; `requester` and `provider` may be "" (not said).
    """

    level: str
    wanted: tuple[str, ...]
    sp_type: str
    binding: str
    requester: str
    provider: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Around a request: its ID, who asks, where it goes, when (Unix seconds)."""

    id: str
    issuer: str
    destination: str
    now: int


def wish_of(one: Mapping[str, str], wanted: list[str], provider: str) -> Wish:
    """The wish in the parameters of an address; what is not said, or nonsense, is as usual."""
    named = tuple(name for name in wanted if name in OPTIONAL)
    return Wish(
        level=_among(LEVELS, one.get("level")),
        wanted=() if one.get("minimum") == "yes" else named or USUAL,
        sp_type=_among(SP_TYPES, one.get("sptype")),
        binding=_among(tuple(BINDINGS), one.get("binding")),
        requester=one.get("requester", ""),
        provider="" if one.get("provider") == "no" else provider,
    )


def _among(known: tuple[str, ...], said: str | None) -> str:
    return said if said in known else known[0]


def request(around: Asking, wish: Wish) -> Element:
    """An AuthnRequest, not signed yet."""
    provider = f' ProviderName="{escape(wish.provider)}"' if wish.provider else ""
    requester = f"<saml2p:RequesterID>{escape(wish.requester)}</saml2p:RequesterID>" if wish.requester else ""
    return etree.fromstring(
        f"""<saml2p:AuthnRequest xmlns:saml2p="{SAMLP}" xmlns:saml2="{SAML}" xmlns:eidas="{EXTENSIONS}" ID="{around.id}"
 Version="2.0" IssueInstant="{moment(around.now)}" Destination="{escape(around.destination)}" ForceAuthn="true"
 IsPassive="false"{provider}><saml2:Issuer Format="{ENTITY}">{escape(around.issuer)}</saml2:Issuer><saml2p:Extensions>
<eidas:SPType>{wish.sp_type}</eidas:SPType><eidas:RequestedAttributes>{"".join(map(_attribute, (*MINIMUM, *wish.wanted)))}
</eidas:RequestedAttributes></saml2p:Extensions><saml2p:NameIDPolicy AllowCreate="true" Format="{PERSISTENT}"/>
<saml2p:RequestedAuthnContext Comparison="minimum">
<saml2:AuthnContextClassRef>{LOA}{wish.level}</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext>
{f"<saml2p:Scoping>{requester}</saml2p:Scoping>" if requester else ""}</saml2p:AuthnRequest>"""
    )


def _attribute(name: str) -> str:
    required = "true" if name in MINIMUM else "false"
    return (
        f'<eidas:RequestedAttribute FriendlyName="{ATTRIBUTES[name].friendly}" Name="{NATURAL}/{name}"'
        f' NameFormat="{URI}" isRequired="{required}"/>'
    )


# -- how it travels ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Carried:
    """A request on its way through a browser: in the fields of a form, or in an address (`fields` are then none)."""

    address: str
    fields: Mapping[str, str]


def _posted(root: Element, key: NodeKey, relay_state: str, address: str) -> Carried:
    """HTTP-POST, signed inside."""
    return Carried(address, _signed_inside(root, key, relay_state))


def _redirected(root: Element, key: NodeKey, relay_state: str, address: str) -> Carried:
    """HTTP-Redirect as SAML Bindings 3.4.4.1 has it: deflated, and the query is signed."""
    compressor = zlib.compressobj(wbits=-15)
    octets = compressor.compress(etree.tostring(root)) + compressor.flush()
    return Carried(f"{address}?{sign_query(b64encode(octets).decode(), relay_state, key)}", {})


def _redirected_inside(root: Element, key: NodeKey, relay_state: str, address: str) -> Carried:
    """HTTP-Redirect as the sample nodes use it: the message as in a form, signed inside."""
    return Carried(f"{address}?{urlencode(_signed_inside(root, key, relay_state))}", {})


def _signed_inside(root: Element, key: NodeKey, relay_state: str) -> Mapping[str, str]:
    sign(root, key)
    return {"SAMLRequest": b64encode(etree.tostring(root)).decode(), "RelayState": relay_state}


BINDINGS: Mapping[str, Callable[[Element, NodeKey, str, str], Carried]] = {
    "post": _posted,
    "redirect": _redirected,
    "inside": _redirected_inside,
}
"""The ways in which a request (not signed yet) travels to an address, with a key and a RelayState."""
