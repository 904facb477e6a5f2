"""Other countries, which vouch through eIDAS: our Connector asks a country's Proxy-Service and reads its answer.

Whatever goes wrong is a `Problem` of the family EID: the citizen comes back to the page of countries with its sentence,
and the service learns nothing of it. What the service's scopes need is asked, and nothing else.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from broker import bridge
from broker.assurance import Level
from broker.errors import Problem
from broker.journey import EIDAS, CountryAsk, Passage, Proof
from broker.parties import Country
from broker.ports import Absence, Vouched
from eidas.binding import deflated, post_fields, read_post
from eidas.errors import AttributesMissing, AuthenticationFailed, LevelRefused, NotAPerson, Refused, SignatureRefused
from eidas.keys import Decrypter, Signer
from eidas.messages import AuthnRequest, Expected, Identification, RequestedAttribute
from eidas.query import sign_query
from eidas.request import write_request
from eidas.response import read_response
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT, NAME_ID_FORMATS, PERSISTENT
from metadata.nodes import ProxyService


@dataclass(frozen=True, slots=True)
class Connector:
    """Who we are to every country: our entity ID, where answers arrive, our country, and our keys (newest first)."""

    entity_id: str
    acs: str
    country: str
    signer: Signer
    decrypters: Sequence[Decrypter]


Renew = Callable[[str], Country | None]
"""From a country's code to the country as it is after its metadata was fetched anew; None when that was not done."""


class EidasCountry:
    """The country port for eIDAS, for one country: `proxy` is its Proxy-Service."""

    def __init__(
        self,
        country: Country,
        proxy: ProxyService,
        own: Connector,
        clock: Callable[[], int],
        renew: Renew = lambda _: None,
    ) -> None:
        self._country = country
        self._proxy = proxy
        self._own = own
        self._clock = clock
        self._renew = renew

    # -- what can be had ----------------------------------------------------------------------------------------------

    @property
    def strongest(self) -> Level | None:
        """The highest level that the country's metadata publishes."""
        return bridge.strongest(self._proxy.levels, self._country.not_notified)

    def missing(self) -> Absence | None:
        """Message Format 1.4, 2.1: metadata counts until its validUntil; the operator may stop a country before."""
        if not self._country.active:
            return Absence("off")
        if (until := self._proxy.valid_until) <= self._clock():
            return Absence("expired", until)
        return None

    @property
    def wants_requester(self) -> bool:
        """As the country's metadata says."""
        return self._proxy.wants_requester_id

    @property
    def metadata(self) -> str:
        """Of its Proxy-Service."""
        return self._proxy.sha256

    @property
    def contact(self) -> str:
        """The support contact of the country's metadata, else any other."""
        contacts = sorted(self._proxy.contacts, key=lambda contact: contact.kind != "support")
        return next((contact.mail or contact.tel for contact in contacts if contact.mail or contact.tel), "")

    def destination(self) -> str:
        """Where our requests go."""
        return self._proxy.sso[self._binding]

    @property
    def _binding(self) -> str:
        wanted = HTTP_REDIRECT if self._country.redirects else HTTP_POST
        offered = self._proxy.sso
        return wanted if wanted in offered else next(iter(offered))

    # -- the way there ------------------------------------------------------------------------------------------------

    def depart(self, ask: CountryAsk) -> Mapping[str, str]:
        """The request that will be signed, as the note of the journey. Raises Problem EID-302, EID-304."""
        check_usable(self)
        proxy = self._proxy
        check_level_published(ask.level, self.strongest)
        levels, comparison = bridge.levels_to_ask(ask.level, proxy.levels, self._country.not_notified)
        request = AuthnRequest(
            # The answer names it: so the journey is found even where RelayState gets lost.
            id=f"_{ask.state}",
            issuer=self._own.entity_id,
            destination=self.destination(),
            issued=self._clock(),
            levels=levels,
            comparison=comparison,
            attributes=bridge.attributes_to_ask(ask.claims, proxy.attributes),
            sp_type="public" if ask.public else "private",
            requester_id=ask.requester if proxy.wants_requester_id and not ask.public else None,
            name_id_format=_name_id_format(proxy.name_id_formats),
        )
        return {"request": _packed(request)}

    def passage(self, state: str, note: Mapping[str, str]) -> Passage:
        """The request, signed: a form that posts it, or the address that carries it."""
        request, signer = _unpacked(note["request"]), self._own.signer
        if self._binding == HTTP_POST:
            return Passage(self.destination(), post_fields("SAMLRequest", write_request(request, signer), state))
        separator = "&" if "?" in self.destination() else "?"
        query = sign_query("SAMLRequest", deflated(write_request(request, None)), state, signer)
        return Passage(f"{self.destination()}{separator}{query}", {})

    # -- the way back -------------------------------------------------------------------------------------------------

    def hear(self, response: str, note: Mapping[str, str]) -> Vouched:
        """The person in a Response, by every rule of `eidas.response`. Raises Problem EID-301 to EID-306.

        A country that was suspended while the citizen stood there is not believed any more.
        """
        check_usable(self)
        request = _unpacked(note["request"])
        found, country = self._read(response, request)
        proof = Proof(
            identity=bridge.identity_of(found.attributes, self._country.code),
            level=bridge.level_of(found.level),
            provider=self._country.code,
            at=min(found.authenticated, self._clock()),
            amr=(EIDAS,),
        )
        ids, deviations = (found.response_id, found.assertion_id), tuple(sorted(found.deviations))
        metadata = country.vouching("proxy", found.signer)
        return Vouched(proof, ids, found.until, found.digest.hex(), metadata, deviations)

    def _read(self, response: str, request: AuthnRequest) -> tuple[Identification, Country]:
        words = {"country": self._country.code, "contact": self.contact}
        try:
            return self._proven(read_post(response), request)
        except AuthenticationFailed as failed:
            raise Problem("EID-301", failed.detail, **words) from failed
        except LevelRefused as low:
            levels = {"level_got": _word(low.got), "level_asked": _word(request.levels[0])}
            raise Problem("EID-304", low.detail, **words, **levels) from low
        except AttributesMissing as missing:
            field = bridge.claim_of(missing.names[0])
            raise Problem("EID-305", missing.detail, **words, field=field) from missing
        except NotAPerson as other:
            raise Problem("EID-306", other.detail, **words) from other
        except Refused as refused:
            raise Problem("EID-303", refused.detail, **words) from refused

    def _proven(self, octets: bytes, request: AuthnRequest) -> tuple[Identification, Country]:
        """The person, and the country as it proves him: where no key fits, it may have published another one since."""
        keys = self._own.decrypters
        try:
            return read_response(octets, self._expected(request, self._country), keys), self._country
        except SignatureRefused:
            if (renewed := self._renew(self._country.code)) is None:
                raise
            return read_response(octets, self._expected(request, renewed), keys), renewed

    def _expected(self, request: AuthnRequest, country: Country) -> Expected:
        proxy = self._proxy
        return Expected(
            issuer=proxy.entity_id,
            country=self._country.code,
            keys=country.verifying("proxy", self._clock()),
            published=proxy.levels,
            entity_id=self._own.entity_id,
            acs=self._own.acs,
            request=request,
            now=self._clock(),
            recipient_country=self._own.country,
            compatibility=self._country.compatibility,
        )


class AbsentCountry:
    """A country whose metadata is not in force yet, or not any more: its name is on the pages, nobody goes there."""

    strongest: Level | None = None
    wants_requester = False
    contact = ""
    metadata = ""

    def missing(self) -> Absence | None:
        """Always: citizens read that it cannot be used for now."""
        return Absence("absent")

    def depart(self, _ask: CountryAsk) -> Mapping[str, str]:
        """Raises Problem EID-302."""
        raise Problem("EID-302", "no metadata of the country is in force")

    def passage(self, _state: str, _note: Mapping[str, str]) -> Passage:
        """Raises Problem EID-302."""
        raise Problem("EID-302", "no metadata of the country is in force")

    def hear(self, _response: str, _note: Mapping[str, str]) -> Vouched:
        """Raises Problem EID-302."""
        raise Problem("EID-302", "no metadata of the country is in force")

    def destination(self) -> str:
        """Nowhere."""
        return ""


def check_usable(country: EidasCountry) -> None:
    """Interoperability Architecture 1.4, 6: nobody is sent to a node whose metadata does not count any more."""
    if absence := country.missing():
        raise Problem("EID-302", f"the country is not available: {absence.reason}", contact=country.contact)


def check_level_published(asked: Level, strongest: Level | None) -> None:
    """Message Format 1.4, 3.1: a country is asked for no level that it does not publish."""
    if strongest is None or strongest < asked:
        got = strongest.word if strongest else ""
        raise Problem("EID-304", "the country publishes no such level", level_got=got, level_asked=asked.word)


def _name_id_format(offered: Sequence[str]) -> str | None:
    """The one that we like best among those that the country offers; persistent where it names none."""
    return next((one for one in NAME_ID_FORMATS if one in offered), None if offered else PERSISTENT)


def _word(uri: str) -> str:
    try:
        return bridge.level_of(uri).word
    except LookupError:
        return ""


def _packed(request: AuthnRequest) -> str:
    return json.dumps(asdict(request))


def _unpacked(packed: str) -> AuthnRequest:
    stated = json.loads(packed)
    attributes = tuple(RequestedAttribute(**one) for one in stated["attributes"])
    return AuthnRequest(**{**stated, "levels": tuple(stated["levels"]), "attributes": attributes})
