"""Other people's lists and signed metadata, at a frozen moment: what of them is used, and who vouches for them."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eidas import times
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import Refused
from metadata.mdsl import read_list
from metadata.trust_links import Policy, read_anchor
from tests.eidas.rules import rule_that_fired

NOW = times.read("2026-11-22T12:00:00Z")
EVERYTHING = Compatibility(frozenset(Deviation))

LISTS = {
    "AT": (2, 2, 2, 0),
    "BE": (2, 2, 2, 2),
    "BG": (1, 1, 1, 1),
    "CY": (2, 2, 2, 0),
    "CZ": (2, 2, 2, 0),
    "DE": (1, 1, 1, 0),
    "DK": (2, 2, 2, 0),
    "EE": (2, 2, 2, 0),
    "EL": (1, 1, 1, 0),
    "ES": (2, 2, 2, 0),
    "EU": (2, 2, 3, 0),
    "FI": (2, 2, 2, 0),
    "FI-dev": (1, 1, 1, 0),
    "FR": (2, 2, 2, 0),
    "HR": (2, 2, 2, 0),
    "HU": (2, 2, 2, 0),
    "IE": (2, 2, 2, 0),
    "IS": (2, 2, 2, 0),
    "IT": (2, 2, 2, 2),
    "LI": (2, 2, 2, 0),
    "LT": (2, 2, 2, 0),
    "LU": (2, 2, 2, 0),
    "LV": (2, 2, 2, 0),
    "MT": (2, 2, 2, 0),
    "NL": (2, 2, 8, 0),
    "NO": (2, 2, 4, 0),
    "PL": (2, 2, 0, 0),
    "PT": (2, 2, 2, 0),
    "RO": (2, 2, 2, 0),
    "SE": (2, 2, 2, 0),
    "SE-test": (2, 2, 2, 0),
    "SI": (2, 2, 2, 0),
    "SK": (2, 2, 2, 0),
    "XA": (2, 2, 2, 0),
    "XB": (2, 2, 2, 0),
}
"""Locations, endpoints, certificates, and how many of these have expired."""


@pytest.mark.parametrize("name", LISTS)
def test_a_countrys_list_is_read(samples: Path, name: str):
    found = read_list((samples / f"mdsl/swedenconnect/test/{name}.xml").read_bytes(), NOW)
    links = [anchor.link for one in found.locations for anchor in one.anchors()]
    endpoints = sum(len(one.endpoints) for one in found.locations)
    expired = sum(link.until < NOW for link in links)
    assert (len(found.locations), endpoints, len(links), expired) == LISTS[name]
    assert ({one.territory for one in found.locations}, found.remarks) == ({name[:2]}, ())


SKIPPED = {"PL": ["the certificate's fields cannot be read"] * 2}


@pytest.mark.parametrize("name", LISTS)
def test_what_of_a_countrys_list_cannot_be_used_is_told(samples: Path, name: str):
    found = read_list((samples / f"mdsl/swedenconnect/test/{name}.xml").read_bytes(), NOW)
    assert [one.reason for one in found.skipped] == SKIPPED.get(name, [])


def anchor_of(file: Path, country: str):
    """The certificate in a file as a country's anchor."""
    return read_anchor(country, x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER))


SIGNED = {
    ("mdservicelist.xml", EVERYTHING, "2018-02-25T00:00:00Z"): "29 locations, 1 skipped",
    ("mdservicelist-badsign.xml", EVERYTHING, "2018-02-25T00:00:00Z"): "check_verified",
    ("mdservicelist.xml", EVERYTHING, "2026-11-22T12:00:00Z"): "check_not_over",
    ("mdservicelist.xml", Compatibility(), "2018-02-25T00:00:00Z"): "check_key_strong",
}


@pytest.mark.parametrize(("name", "compatibility", "moment"), SIGNED)
def test_a_signed_list_is_proven_or_refused(samples: Path, name: str, compatibility: Compatibility, moment: str):
    folder = samples / "mdsl/opensaml-eidas"
    anchor = anchor_of(folder / "eidas-servicelist-validation-cert.crt", "SE")
    try:
        found = read_list((folder / name).read_bytes(), times.read(moment), [anchor], Policy("SE", compatibility))
    except Refused as refused:
        assert rule_that_fired(refused) == SIGNED[name, compatibility, moment]
    else:
        assert f"{len(found.locations)} locations, {len(found.skipped)} skipped" == SIGNED[name, compatibility, moment]
