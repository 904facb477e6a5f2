"""What is said of a French person to another country: each attribute by the profile, and nothing that is not known."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker import statement
from broker.assurance import Level
from broker.identity import Identity
from broker.journey import Ready
from broker.relying.hearing import Arrived
from broker.sandbox.node.counterpart import read_country
from broker.sandbox.node.hearing import Awaited, hear
from broker.sandbox.node.security import NodeKey, pem_of
from eidas import attributes as names
from eidas.address import Address, read_address
from eidas.attributes import DEFINITIONS
from eidas.binding import read_post
from eidas.vocabulary import LOA_SUBSTANTIAL
from tests.broker.asking import Asked
from tests.broker.people import ANGELA, proof
from tests.broker.world import PUBLIC

ABROAD = replace(ANGELA, birthplace="", birthcountry="99126")
REACHED = replace(ANGELA, phone_number="+33 1 23 45 67 89", address={"street_address": "1 rue de Démo\nBât. B"})


def said(identity, name):
    """The text of an attribute; None when nothing is said."""
    told = statement.attribute_of(identity, name)
    return None if told is None else told.latin


SAID = {
    "all given names": (ANGELA, names.GIVEN_NAME, "Angela Claire Louise"),
    "the usual name is the current one": (ANGELA, names.FAMILY_NAME, "Martin"),
    "else the birth name is": (replace(ANGELA, preferred_username=None), names.FAMILY_NAME, "DUBOIS"),
    "a usual name that nobody can write": (replace(ANGELA, preferred_username="Mar\u200btin"), names.FAMILY_NAME, "DUBOIS"),
    "nor one too long when it is Latin": (replace(ANGELA, preferred_username="熊" * 256), names.FAMILY_NAME, "DUBOIS"),
    "given names and birth name": (ANGELA, names.BIRTH_NAME, "Angela Claire Louise DUBOIS"),
    "a whole date": (ANGELA, names.DATE_OF_BIRTH, "1962-08-24"),
    "female": (ANGELA, names.GENDER, "Female"),
    "male": (replace(ANGELA, gender="male"), names.GENDER, "Male"),
    "a third one": (replace(ANGELA, gender="unspecified"), names.GENDER, "Unspecified"),
    "the commune by its name": (ANGELA, names.PLACE_OF_BIRTH, "Paris 7e"),
    "the same as a town": (ANGELA, names.TOWN_OF_BIRTH, "Paris 7e"),
    "no place abroad is known": (ABROAD, names.PLACE_OF_BIRTH, None),
    "a commune without a name": (replace(ANGELA, birthplace="98799"), names.PLACE_OF_BIRTH, None),
    "France": (ANGELA, names.COUNTRY_OF_BIRTH, "FR"),
    "Greece as eIDAS writes it": (ABROAD, names.COUNTRY_OF_BIRTH, "EL"),
    "a country that is no more": (replace(ABROAD, birthcountry="99999"), names.COUNTRY_OF_BIRTH, None),
    "an address of mail": (ANGELA, names.EMAIL_ADDRESS, "angela@courriel.example"),
    "a number with its country": (REACHED, names.PHONE_NUMBER, "+33 1 23 45 67 89"),
    "a number without one is not completed": (replace(ANGELA, phone_number="0123456789"), names.PHONE_NUMBER, None),
    "no number": (ANGELA, names.PHONE_NUMBER, None),
    "no address": (ANGELA, names.CURRENT_ADDRESS, None),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name):
    identity, attribute, expected = SAID[name]
    assert said(identity, attribute) == expected


ADDRESSES = {
    "parts": (
        {
            "formatted": "x",
            "street_address": "1 rue\nBât. B",
            "postal_code": "75007",
            "locality": "Paris",
            "country": "France",
        },
        Address(thoroughfare="1 rue, Bât. B", post_code="75007", post_name="Paris", admin_unit_first_line="France"),
    ),
    "one text": (
        {"formatted": "1 rue\n75007 Paris\nFrance", "country": "France"},
        Address(cv_address_area="1 rue, 75007 Paris, France"),
    ),
    "a region": ({"region": "Corse"}, Address(admin_unit_second_line="Corse")),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_is_cut_as_it_was_stated(name):
    stated, expected = ADDRESSES[name]
    told = statement.attribute_of(replace(ANGELA, address=stated), names.CURRENT_ADDRESS)
    assert read_address(told.latin) == expected


def test_another_script_stands_beside_its_latin_form():
    told = statement.attribute_of(replace(ANGELA, preferred_username="Ωνάσης"), names.FAMILY_NAME)
    assert (told.latin, told.original) == ("Onasis", "Ωνάσης")


@pytest.mark.parametrize("text", ["Œuvré-d'Été", "Nguyễn", "Straße 7"])
def test_letters_with_signs_are_latin(text):
    assert statement.is_latin(text)


@pytest.mark.parametrize("birthdate", ["1962-08-00", "1962-00-00"])
def test_a_date_that_is_not_whole_is_not_said(birthdate):
    with pytest.raises(statement.DateIncomplete):
        statement.attribute_of(replace(ANGELA, birthdate=birthdate), names.DATE_OF_BIRTH)


def test_every_attribute_that_is_published_can_be_said():
    everything = replace(REACHED, address={"formatted": "1 rue"})
    assert [name for name in statement.CLAIMS if statement.attribute_of(everything, name) is None] == []


# -- whoever it is ----------------------------------------------------------------------------------------------------

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿÆŒæœ"
_NAMES = st.from_regex(f"[{_LETTERS}]([{_LETTERS}]|[ '-](?=[{_LETTERS}])){{0,19}}", fullmatch=True)
_USUAL = st.builds("{}{}".format, st.characters(categories=("L",)), st.text(st.characters(categories=("L", "Nd"))))
IDENTITIES = st.builds(
    Identity,
    given_names=st.lists(_NAMES, min_size=1, max_size=4).map(tuple),
    family_name=_NAMES.map(str.upper),
    gender=st.sampled_from(("male", "female", "unspecified")),
    birthdate=st.dates(date(1900, 1, 1), date(2020, 12, 31)).map(str),
    birthplace=st.sampled_from(("75107", "2A004", "97411", "")),
    birthcountry=st.sampled_from(("99100", "99126", "99352")),
    email=st.just("a@b.example"),
    preferred_username=st.none() | _USUAL,
    phone_number=st.none() | st.just("+33123456789"),
    address=st.none() | st.just({"formatted": "1 rue\n75007 Paris"}),
)


OPTIONAL = tuple(name for name in statement.CLAIMS if not DEFINITIONS[name].mandatory)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return Asked(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def france(world):
    """Our Proxy-Service as the demo's Connector reads its metadata."""
    return read_country(world.browser().get(f"{PUBLIC}/eidas/proxy/metadata").data, world.clock())


@settings(max_examples=60, deadline=None)
@given(identity=IDENTITIES, ticked=st.sets(st.sampled_from(sorted(statement.CLAIMS))))
def test_what_a_country_reads_is_what_was_agreed_to_and_nothing_else(world, france, identity, ticked):
    italy = world.connectors["IT"]
    foreign = world.app.extensions["passerelle"]().foreign
    form = italy.form(italy.request(optional=OPTIONAL))
    demand = foreign.hear(Arrived(form["SAMLRequest"], None, "", form=True)).demand
    added = tuple(name for name in demand.optional if name in ticked)
    ready = Ready(demand, proof(identity=identity, level=Level.SUBSTANTIAL, at=world.clock()), added)
    answer = foreign.grant(None, ready, "")
    form = dict(answer.passage.fields)
    found = italy.read(world, form)
    agreed = {name: statement.attribute_of(identity, name) for name in (*demand.claims, *added)}
    expected = {name: attribute for name, attribute in agreed.items() if attribute is not None}
    assert {name: told for name, told in found.attributes.items() if name != names.PERSON_IDENTIFIER} == expected
    assert found.level == LOA_SUBSTANTIAL
    assert heard_elsewhere(world, france, form) == {
        told.definition.friendly_name: (values(told, latin=True), values(told, latin=False)) for told in expected.values()
    }


def values(told, latin):
    """The values of an attribute in Latin script, or those in another; an address as its lines."""
    texts = tuple(value.text for value in told.values if value.latin is latin)
    address = told.definition.name == names.CURRENT_ADDRESS
    return tuple("\n".join(read_address(text).lines()) for text in texts) if address else texts


def heard_elsewhere(world, france, form):
    """The same answer as the demo's Connector reads it, with libraries of others; without the identifier."""
    italy = world.connectors["IT"]
    awaited = Awaited(
        country=france,
        entity_id=italy.entity_id,
        acs=italy.acs,
        request=italy.asked.id,
        level="substantial",
        asked=world.clock(),
        now=world.clock(),
        key=NodeKey(pem_of(italy.decryption), b""),
    )
    person = hear(read_post(form["SAMLResponse"]), awaited)
    return {one.name: (one.latin, one.other) for one in person.attributes if one.name != "PersonIdentifier"}
