"""Countries in the configuration: the pinned file is what is trusted, and everything wrong about it has a place."""

import hashlib
from collections.abc import Callable

import pytest

from broker.settings.schema import DEVIATIONS
from eidas.algorithms import Deviation
from tests.broker.asking import ForeignConnector
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.settings.instance import MAIN_FILE, MAIRIE, NOW, Folder
from tests.broker.world import Clock
from tests.metadata.authorities import DAY, Holder, authority, published, signer, unsigned

EL = "partners/countries/EL.toml"
KEPT = "metadata/received/EL-proxy.xml"
NODE = """
[eidas]
roles = ["connector"]
organisation = { name = "Direction du numérique", url = "https://dn.example" }
contacts = [{ type = "technical", mail = "noeud@dn.example" }]
"""
OCTETS = proxy_metadata(Node("EL", Clock()))


def country(octets: bytes = OCTETS, code: str = "EL", more: str = "") -> str:
    """The file of a country."""
    digest = hashlib.sha256(octets).hexdigest()
    return f'[country]\ncode = "{code}"\nproxy_metadata = "{KEPT}"\nproxy_metadata_sha256 = "{digest}"\n{more}'


@pytest.fixture
def abroad(folder: Folder) -> Folder:
    """A valid instance with one country."""
    folder.change(MAIN_FILE, "[session]", f"{NODE}\n[session]")
    folder.write(KEPT, OCTETS.decode())
    folder.write(EL, country())
    return folder


def test_a_country_is_what_its_pinned_file_says(abroad: Folder):
    settings = abroad.load()
    greece = settings.parties.countries["EL"]
    assert (greece.proxy.entity_id, greece.active, settings.node.roles) == (
        "https://node.el.example/metadata",
        True,
        ("connector",),
    )


def test_the_octets_that_were_read_are_kept_for_whoever_records_them(abroad: Folder):
    assert abroad.load().parties.countries["EL"].documents == {"proxy": OCTETS}


def test_metadata_that_has_expired_keeps_nobody_from_starting(abroad: Folder):
    old = proxy_metadata(Node("EL", Clock(1_000_000_000)))
    abroad.write(KEPT, old.decode())
    abroad.write(EL, country(old))
    assert abroad.load().parties.countries["EL"].proxy.valid_until < 1_100_000_000


SPOILT: dict[str, tuple[Callable[[Folder], None], str]] = {
    "another file": (
        lambda it: it.write(KEPT, OCTETS.decode() + " "),
        "E031 country.proxy_metadata_sha256: the file is not",
    ),
    "no file": (lambda it: (it.path / KEPT).unlink(), "E031 country.proxy_metadata: the file cannot be read"),
    "no metadata": (
        lambda it: (it.write(KEPT, "<a/>"), it.write(EL, country(b"<a/>")))[0],
        "E031 country.proxy_metadata: the metadata is not used",
    ),
    "metadata of another country": (
        lambda it: it.write(EL, country(code="DE")),
        "E031 country.proxy_metadata: the metadata is of EL, not of DE",
    ),
    "Greece as GR": (lambda it: it.write(EL, country(code="GR")), "E030 country.code: GR is not a country"),
    "France": (lambda it: it.write(EL, country(code="FR")), "E030 country.code: FR is not a country"),
    "an unknown deviation": (lambda it: it.write(EL, country(more='compat = ["md5"]\n')), "E011 country.compat"),
    "no role": (
        lambda it: it.change(MAIN_FILE, 'roles = ["connector"]', "roles = []"),
        "E030 eidas.roles: there are countries",
    ),
    "no contact": (
        lambda it: it.change(MAIN_FILE, 'contacts = [{ type = "technical", mail = "noeud@dn.example" }]', ""),
        "E013 eidas.organisation: our metadata must say who runs this node",
    ),
    "a pin that is none": (
        lambda it: it.change(EL, hashlib.sha256(OCTETS).hexdigest(), "none"),
        "E011 country.proxy_metadata_sha256",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_about_a_country_is_named(abroad: Folder, name: str):
    spoil, problem = SPOILT[name]
    spoil(abroad)
    assert [found for found in abroad.problems() if problem in found]


# -- the other direction ----------------------------------------------------------------------------------------------

IT, PUBLISHED = "partners/countries/IT.toml", "metadata/received/IT-connector.xml"
CONNECTOR = ForeignConnector("IT", Clock()).metadata()


def connector(octets: bytes = CONNECTOR, more: str = "") -> str:
    """The file of a country whose Connector asks us."""
    digest = hashlib.sha256(octets).hexdigest()
    return f'''[country]\ncode = "IT"\nconnector_metadata = "{PUBLISHED}"\nconnector_metadata_sha256 = "{digest}"\n{more}'''


@pytest.fixture
def asked(abroad: Folder) -> Folder:
    """An instance in both roles: one country is asked, one asks."""
    abroad.change(MAIN_FILE, 'roles = ["connector"]', 'roles = ["connector", "proxy"]')
    abroad.write(PUBLISHED, CONNECTOR.decode())
    abroad.write(IT, connector())
    return abroad


def test_a_connector_is_what_its_pinned_file_says(asked: Folder):
    countries = asked.load().parties.countries
    italy = countries["IT"]
    assert (italy.proxy, italy.connector.acs, countries["EL"].connector) == (None, "https://node.it.example/acs", None)


def test_a_country_may_have_both_nodes(asked: Folder):
    greek = ForeignConnector("EL", Clock()).metadata()
    asked.write("metadata/received/EL-connector.xml", greek.decode())
    pinned = f'connector_metadata_sha256 = "{hashlib.sha256(greek).hexdigest()}"'
    asked.write(EL, country(more=f'connector_metadata = "metadata/received/EL-connector.xml"\n{pinned}\n'))
    assert set(asked.load().parties.countries["EL"].nodes) == {"proxy", "connector"}


SPOILT_CONNECTORS: dict[str, tuple[Callable[[Folder], None], str]] = {
    "another file": (
        lambda it: it.write(PUBLISHED, CONNECTOR.decode() + " "),
        "E031 country.connector_metadata_sha256: the file is not",
    ),
    "no pin": (
        lambda it: it.write(IT, connector().partition("connector_metadata_sha256")[0]),
        "E013 country.connector_metadata_sha256: the pin is missing",
    ),
    "no metadata at all": (
        lambda it: it.write(IT, '[country]\ncode = "IT"\n'),
        "E013 country.proxy_metadata: the country has",
    ),
    "metadata of another country": (
        lambda it: it.change(IT, 'code = "IT"', 'code = "ES"'),
        "E031 country.connector_metadata: the metadata is of IT, not of ES",
    ),
    "no role for it": (
        lambda it: it.change(MAIN_FILE, '"connector", "proxy"', '"connector"'),
        "E030 eidas.roles: there are countries with a connector_metadata, but this node is no proxy",
    ),
    "a key for identifiers that is not there": (
        lambda it: it.write(IT, connector(more="sub_generation = 7\n")),
        "E030 country.sub_generation: there is no secrets/sub-7",
    ),
}


@pytest.mark.parametrize("name", SPOILT_CONNECTORS)
def test_what_is_wrong_about_a_connector_is_named(asked: Folder, name: str):
    spoil, problem = SPOILT_CONNECTORS[name]
    spoil(asked)
    assert [found for found in asked.problems() if problem in found]


# -- anchors ----------------------------------------------------------------------------------------------------------

ANCHOR = "certs/anchors/EL.pem"
ROOT = authority("Greece")
SIGNED_BY = signer("Signer of Greece", ROOT)
VOUCHED = published(SIGNED_BY, data=OCTETS)
BY_ANCHOR = f'[country]\ncode = "EL"\nproxy_metadata = "{KEPT}"\nanchors = ["{ANCHOR}"]\n'


def anchored(folder: Folder, octets: bytes = VOUCHED, anchor: Holder = ROOT, more: str = "") -> Folder:
    """The instance with a country whose metadata an anchor vouches for, without a pin."""
    folder.write(KEPT, octets.decode())
    folder.write(ANCHOR, anchor.pem.decode())
    folder.write(EL, BY_ANCHOR + more)
    return folder


def test_an_anchor_does_what_a_pin_does(abroad: Folder):
    settings = anchored(abroad).load()
    greece = settings.parties.countries["EL"].proxy
    assert (greece.entity_id, greece.sha256) == ("https://node.el.example/metadata", hashlib.sha256(VOUCHED).hexdigest())
    assert settings.warnings == ()


def test_both_nodes_of_a_country_may_stand_on_one_anchor(asked: Folder):
    octets = published(SIGNED_BY, data=unsigned(ForeignConnector("EL", Clock()).metadata()))
    asked.write("metadata/received/EL-connector.xml", octets.decode())
    anchored(asked, more='connector_metadata = "metadata/received/EL-connector.xml"\n')
    assert set(asked.load().parties.countries["EL"].nodes) == {"proxy", "connector"}


def test_metadata_counts_no_longer_than_the_certificates_behind_it(abroad: Folder):
    soon = signer("Signer until tomorrow", ROOT, end=DAY)
    anchored(abroad, published(soon, data=OCTETS))
    assert abroad.load().parties.countries["EL"].proxy.valid_until == NOW + DAY


@pytest.mark.parametrize(("word", "days"), [("refuse", -1), ("warn", 7)])
def test_an_expired_certificate_keeps_nobody_from_starting(abroad: Folder, word: str, days: int):
    late = signer("Signer until yesterday", ROOT, end=-DAY)
    anchored(abroad, published(late, data=OCTETS), more=f'expired_certificates = "{word}"\n')
    settings = abroad.load()
    assert settings.parties.countries["EL"].proxy.valid_until == NOW + days * DAY
    assert [(one.code, one.key) for one in settings.warnings] == [("W032", "country.proxy_metadata")]


PIN = f'proxy_metadata_sha256 = "{hashlib.sha256(VOUCHED).hexdigest()}"\n'
UNVOUCHED: dict[str, tuple[Callable[[Folder], object], str]] = {
    "another's signature": (
        lambda it: anchored(it, published(signer("Evil"), data=OCTETS)),
        "E031 country.proxy_metadata: the metadata is not used: the signer's certificate does not lead to an anchor of EL",
    ),
    "no signature": (
        lambda it: anchored(it, OCTETS),
        "E031 country.proxy_metadata: the metadata is not used: the document has 0 signatures",
    ),
    "the pin holds and the anchor does not": (
        lambda it: anchored(it, anchor=authority("Another"), more=PIN),
        "E031 country.proxy_metadata: the metadata is not used: the signer's",
    ),
    "the anchor holds and the pin does not": (
        lambda it: anchored(it, more=PIN.replace('"', '"' + "0" * 8, 1)[:-10] + '"\n'),
        "E031 country.proxy_metadata_sha256: the file is not",
    ),
    "no such file": (
        lambda it: (anchored(it).path / ANCHOR).unlink(),
        f"E031 country.anchors: {ANCHOR} cannot be used: No such file",
    ),
    "no certificate": (
        lambda it: anchored(it).write(ANCHOR, "nothing"),
        f"E031 country.anchors: {ANCHOR} cannot be used: not certificates in PEM",
    ),
    "another word": (lambda it: anchored(it, more='expired_certificates = "no"\n'), "E011 country.expired_certificates"),
    "neither pin nor anchor": (
        lambda it: anchored(it).change(EL, f'anchors = ["{ANCHOR}"]', ""),
        "E013 country.proxy_metadata_sha256: the pin is missing, and no anchor is named",
    ),
}


@pytest.mark.parametrize("name", UNVOUCHED)
def test_what_no_anchor_vouches_for_is_named(abroad: Folder, name: str):
    spoil, problem = UNVOUCHED[name]
    spoil(abroad)
    assert [found for found in abroad.problems() if problem in found]


# -- both directions --------------------------------------------------------------------------------------------------


def test_one_country_in_two_files_is_named(abroad: Folder):
    abroad.write("partners/countries/GR.toml", country())
    assert any("E030 country.code: also the code of" in found for found in abroad.problems())


def test_a_service_cannot_require_from_abroad_what_no_country_has(abroad: Folder):
    abroad.change(MAIRIE, "[fs]", '[fs]\neurope = true\nrequire = ["birthplace"]')
    assert [found for found in abroad.problems() if "W030 fs.require" in found and "birthplace" in found]


def test_without_europe_a_service_may_require_anything(abroad: Folder):
    abroad.change(MAIRIE, "[fs]", '[fs]\nrequire = ["birthplace"]')
    assert not [found for found in abroad.problems() if "W030" in found]


def test_the_deviations_of_the_configuration_are_those_of_the_library():
    assert set(DEVIATIONS) == {deviation.value for deviation in Deviation}


def test_a_deviation_that_is_named_is_allowed(abroad: Folder):
    abroad.write(EL, country(more='compat = ["audience-acs-url"]\n'))
    allowed = abroad.load().parties.countries["EL"].compatibility.deviations
    assert allowed == {Deviation.AUDIENCE_ACS_URL}


def test_the_way_of_a_country_can_be_chosen(abroad: Folder):
    abroad.write(EL, country(more='binding = "redirect"\nactive = false\nnot_notified = true\n'))
    greece = abroad.load().parties.countries["EL"]
    assert (greece.redirects, greece.active, greece.not_notified) == (True, False, True)
