"""What holds for other countries."""

import hashlib

from broker.countries import COUNTRIES
from broker.settings.reader import Document, Refused
from broker.settings.rules.addresses import wrong
from broker.settings.rules.partner import Partner

COUNTERPARTS = {"connector": "proxy", "proxy": "connector"}
"""Whom each role of a node meets in other countries."""
LISTED = "list"
"""What an entry says of metadata whose address a list gives."""


def check_some_role(country: Partner) -> None:
    """A country that can do nothing here is a mistake."""
    if not any(country.table[f"{role}_metadata"] for role in COUNTERPARTS):
        hint = "proxy_metadata lets its citizens log in here, connector_metadata ours there"
        country.document.report("E013", "country.proxy_metadata", "the country has no metadata", hint)


def is_fetched(stated: str) -> bool:
    """Whether what an entry names as metadata is no file: an address, or where a list says."""
    return stated == LISTED or "://" in stated


def check_fetched(main: Document, country: Partner, sandbox: bool) -> None:
    """Interoperability Architecture 1.4, 6: what is fetched comes by https, and an anchor vouches for it, never a pin."""
    for role in COUNTERPARTS:
        key, stated = f"country.{role}_metadata", country.table[f"{role}_metadata"]
        if not is_fetched(stated):
            continue
        if country.table[f"{role}_metadata_sha256"]:
            sentence = "a pin is for a file; what is fetched changes with each signature"
            country.document.report("E030", f"{key}_sha256", sentence, 'anchors = ["certs/anchors/…"]')
        if stated == LISTED and not main.values["trust"]["lists"]:
            country.document.report("E030", key, "no list is named", '[trust] lists = ["https://…"]')
        if stated != LISTED and (reason := wrong(stated, sandbox)):
            country.document.report("E030", key, f"{stated} {reason}")
        if stated != LISTED and not country.table["anchors"]:
            hint = 'anchors = ["certs/anchors/…"]: certificates that the country handed over'
            country.document.report("E013", "country.anchors", "no anchor vouches for what is fetched", hint)


def check_lists(main: Document, sandbox: bool) -> None:
    """Interoperability Architecture 1.4, 6.4: lists are published by https, and signed."""
    trust = main.values["trust"]
    for address in trust["lists"]:
        if reason := wrong(address, sandbox):
            main.report("E030", "trust.lists", f"{address} {reason}")
    if trust["lists"] and not trust["list_anchors"]:
        main.report("E013", "trust.list_anchors", "no anchor vouches for the lists", 'list_anchors = ["certs/anchors/…"]')


def check_pins_there(country: Partner) -> None:
    """Nothing is trusted without a pin, or an anchor that vouches for it."""
    for role in COUNTERPARTS:
        if is_fetched(country.table[f"{role}_metadata"]):
            continue
        vouched = country.table[f"{role}_metadata_sha256"] or country.table["anchors"]
        if country.table[f"{role}_metadata"] and not vouched:
            hint = f'sha256sum {country.table[f"{role}_metadata"]}, or anchors = ["certs/anchors/…"]'
            sentence = "the pin is missing, and no anchor is named: nothing else is trusted"
            country.document.report("E013", f"country.{role}_metadata_sha256", sentence, hint)


def check_country_known(country: Partner) -> None:
    """A country that citizens choose has a name and a flag."""
    code = country.table["code"]
    if code not in COUNTRIES:
        hint = "Greece is EL" if code == "GR" else "the countries of the eIDAS network, without our own"
        country.document.report("E030", "country.code", f"{code} is not a country that is known here", hint)


def check_pin(country: Partner, key: str, octets: bytes) -> None:
    """The pinned octets, and no others, are what is trusted. `key` is proxy_metadata or connector_metadata."""
    found, pinned = hashlib.sha256(octets).hexdigest(), country.table[f"{key}_sha256"].lower()
    if pinned and found != pinned:
        hint = f"the file has {found}: ask the country whether that is what it published"
        country.document.report("E031", f"country.{key}_sha256", "the file is not the one that was pinned", hint)
        raise Refused(key)


def check_own_country(country: Partner, key: str, stated: str) -> None:
    """Message Format 1.4, 4.2: metadata says of which country it is; one country's must not stand for another's."""
    code = country.table["code"]
    if stated and stated != code:
        country.document.report("E031", f"country.{key}", f"the metadata is of {stated}, not of {code}")
        raise Refused(key)
