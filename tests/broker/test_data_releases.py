"""For any registry, demand and consent: a data provider never sees what it may not know, or was not agreed to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.claims import ORDER
from broker.journey import Consenting, DataMissing, Manner
from broker.parties import DataGrant, DataScope, Parties, Text
from broker.relying.data import allowed_today, releases, sector_of
from broker.relying.oidc import data_asked
from broker.relying.tokens import Code, longest_life, token_of
from broker.subject import subject
from oidc.messages import AuthorizationRequest
from oidc.token_endpoint import CodeBinding
from tests.broker.data import data_provider
from tests.broker.people import ANGELA, demand, proof
from tests.broker.world import PROVIDERS, service

NAMES = ("a", "b", "c")
SCOPES = tuple(f"{name}{number}" for name in NAMES for number in (1, 2))
SUB_KEYS = {1: b"s" * 32, 2: b"t" * 32}


def label(name):
    return DataScope(name, Text(name, name), "loi")


@st.composite
def registries(draw):
    """Data providers, each with some scopes, claims and a life; a scope has one of them."""
    owners = draw(st.fixed_dictionaries({scope: st.sampled_from((*NAMES, None)) for scope in SCOPES}))
    made = {}
    for name in NAMES:
        scopes = tuple(label(scope) for scope in SCOPES if owners[scope] == name)
        made[name] = replace(
            data_provider(name),
            scopes=scopes,
            identity=tuple(draw(st.sets(st.sampled_from(ORDER)))),
            lifetime=draw(st.integers(60, 1800)),
            active=draw(st.booleans()),
            sub_generation=draw(st.sampled_from((1, 2))),
        )
    return made


@st.composite
def services(draw):
    """A service with grants."""
    granted = draw(st.sets(st.sampled_from(SCOPES)))
    return service("mairie", data={scope: DataGrant(scope, "loi", draw(st.booleans())) for scope in granted})


def parties_of(data, asker):
    return Parties({"mairie": asker}, PROVIDERS, data=data)


def code_of(parties, asked_scopes, resources, ticked):
    """A login: what is asked, what is agreed to, and the code with what each may be told. None when it may not go on."""
    asker = parties.services["mairie"]
    request = AuthorizationRequest("mairie", "https://x.example", ("openid", *asked_scopes), "s", "n", resources=resources)
    wanted = data_asked(request, asker, parties.data_scopes)
    consenting = Consenting(demand(data=wanted, manner=Manner.INFORM), proof())
    try:
        ready = consenting.consent(True, (), ticked)
    except DataMissing:
        return None
    release = ready.release(lambda person: "sub")
    data = releases(parties, ready, SUB_KEYS)
    binding = CodeBinding("mairie", "https://x.example", None, "", resources)
    scope = " ".join(("openid", *ready.data))
    return Code("mairie", "mairie", binding, "n", scope, release, b"g", "r", "eidas1", {}, data)


subsets = st.sets(st.sampled_from(SCOPES))


@given(registries(), services(), subsets, subsets, st.sampled_from((*NAMES, "")), registries(), services())
def test_a_token_never_says_more_than_was_granted_asked_agreed_and_is_still_allowed(
    data, asker, asked, ticked, chosen, data_later, asker_later
):
    parties, later = parties_of(data, asker), parties_of(data_later, asker_later)
    resource = data[chosen].resource if chosen else ""
    code = code_of(parties, tuple(asked), (resource,) if resource else (), ticked)
    if code is None:
        return
    token = token_of(code, 1000, resource, chosen, "")
    assert not resource or set(token.data) <= {chosen}
    for name, release in token.data.items():
        told = allowed_today(later, "mairie", later.data[name], release)
        if told is None:
            continue
        assert set(told.scopes) <= asked & ticked & set(asker.data) & set(asker_later.data)
        for registry in (data[name], data_later[name]):
            assert registry.active
            assert set(told.scopes) <= {scope.name for scope in registry.scopes}
            assert set(told.claims) <= set(registry.identity) - {"country", "amr"}
        assert all(value == ANGELA.claim(claim) for claim, value in told.claims.items())


@given(registries(), services(), subsets)
def test_a_token_counts_as_long_as_each_allows_and_the_grant_as_long_as_any_token(data, asker, ticked):
    code = code_of(parties_of(data, asker), SCOPES, (), ticked)
    if code is None:
        return
    tokens = [token_of(code, 1000, "", "", "")] + [token_of(code, 1000, one.resource, one.id, "") for one in data.values()]
    for token in tokens:
        assert all(token.life <= data[name].lifetime for name in token.data)
        assert 60 <= token.life <= longest_life(code.data)


@given(registries(), services(), subsets, st.sampled_from(NAMES))
def test_a_token_for_one_holds_nothing_that_it_does_not_open(data, asker, ticked, chosen):
    code = code_of(parties_of(data, asker), SCOPES, (), ticked)
    if code is None:
        return
    token = token_of(code, 1000, data[chosen].resource, chosen, "")
    assert token.release.claims == {}
    assert set(token.scope.split()) - {"openid"} == {scope for one in token.data.values() for scope in one.scopes}


@pytest.mark.parametrize("name", ["mairie.example", "revenus", "fd"])
def test_no_service_has_the_sub_of_a_data_provider(name):
    one = data_provider(name, sector="")
    assert sector_of(one) == f"fd:{name}"
    assert subject(ANGELA, sector_of(one), SUB_KEYS[1], 1) != subject(ANGELA, name, SUB_KEYS[1], 1)
