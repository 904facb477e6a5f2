"""The broker's Proxy-Service as the simulated Connector knows it: its metadata, read (Message Format 1.4, 3.4 and 4)."""

from dataclasses import dataclass

from broker.sandbox.node.opening import verified
from broker.sandbox.node.reading import (
    LEVELS,
    LOA,
    certificate_in,
    parsed,
    require,
    seconds_of,
    text_of,
    texts_of,
    understood,
)
from broker.sandbox.node.security import Element

_HTTP = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
_ASSURANCE = "urn:oasis:names:tc:SAML:attribute:assurance-certification"


@dataclass(frozen=True, slots=True)
class Country:
    """The broker's Proxy-Service, as its metadata describes it: addresses by binding, certificates base64 of DER."""

    entity_id: str
    post: str
    redirect: str
    signing: tuple[str, ...]
    levels: tuple[str, ...]

    def address(self, binding: str) -> str:
        """Where requests of a binding go: HTTP-POST, or HTTP-Redirect with whatever in it."""
        return self.post if binding == "post" else self.redirect


def read_country(octets: bytes, now: int) -> Country:
    """The metadata. Nobody vouches for who signed it here, but signed it is. Raises NotUnderstood."""
    said = certificate_in(parsed(octets), "/m:EntityDescriptor/ds:Signature")
    require(bool(said), "France's metadata is not signed")
    root = understood(lambda: verified(octets, (said,), now))
    role = "/m:EntityDescriptor/m:IDPSSODescriptor"
    where = f"{role}/m:SingleSignOnService[@Binding='{_HTTP}{{}}'][1]/@Location"
    levels = texts_of(root, f"/m:EntityDescriptor/m:Extensions//a:Attribute[@Name='{_ASSURANCE}']/a:AttributeValue")
    country = Country(
        entity_id=text_of(root, "/m:EntityDescriptor/@entityID"),
        post=text_of(root, where.format("POST")),
        redirect=text_of(root, where.format("Redirect")),
        signing=texts_of(root, f"{role}/m:KeyDescriptor[@use='signing']//ds:X509Certificate"),
        levels=tuple(level for level in LEVELS if LOA + level in levels),
    )
    check_country(root, country)
    check_not_expired(text_of(root, "/m:EntityDescriptor/@validUntil"), now)
    return country


def check_country(root: Element, country: Country) -> None:
    """Message Format 1.4, 3.4, 4: it is France's, and says who it is, where, by which keys, and at which levels."""
    stated = text_of(root, "/m:EntityDescriptor/m:IDPSSODescriptor/m:Extensions/e:NodeCountry")
    whole = country.entity_id and country.post and country.redirect and country.signing and country.levels
    require(stated == "FR" and bool(whole), "France's metadata lacks something")


def check_not_expired(until: str, now: int) -> None:
    """Message Format 1.4, 4.1: metadata counts until then, and no longer."""
    require(seconds_of(until) > now, "France's metadata has expired")
