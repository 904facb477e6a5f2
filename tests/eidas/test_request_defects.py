"""A request with one defect: the rule that is there for it fires first, whatever way it came, and the answer is right.

What has a good signature is answered by SAML's status; of the rest nobody knows whose it is, and nobody is answered.
"""

from types import FunctionType

import pytest

from eidas import binding, query, request_rules, schema, signature_rules, xml
from tests.eidas import arrival_defects
from tests.eidas.arrivals import ACCEPTED, WAYS, outcome
from tests.eidas.content_defects import CONTENT, EXACT, LEGAL, PRIVATE
from tests.eidas.exchange import REQUEST, connector, nothing, trusted_keys
from tests.eidas.signature_defects import SIGNATURE, WEAK_KEY

ARRIVALS = {**arrival_defects.ARRIVALS, **SIGNATURE}
IN_ORDER = {"the usual": REQUEST, "private": PRIVATE, "two schemes": EXACT, "a legal person": LEGAL}
NOT_MET = {
    "check_writable": "for what we write",
    "check_content": "calls others, and they say so",
    "check_size": "what a binding hands on is no longer",
    "check_libraries": "at start",
}


def rules_of(module):
    """The rules that a module has."""
    named = {name: one for name, one in vars(module).items() if name.startswith("check_") and isinstance(one, FunctionType)}
    return {name for name, one in named.items() if one.__module__ == module.__name__}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asked", IN_ORDER)
def test_without_a_defect_a_request_is_accepted_whatever_way_it_comes(asked, way):
    assert outcome(WAYS[way](nothing, IN_ORDER[asked]), connector()) == (ACCEPTED, None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CONTENT)
def test_a_defect_of_the_content_is_refused_by_its_rule_and_answered(name, way):
    defect = CONTENT[name]
    arrival = WAYS[way](defect.change, defect.asked)
    assert outcome(arrival, connector(**defect.known)) == (defect.rule, defect.answer)


@pytest.mark.parametrize("name", ARRIVALS)
def test_a_defect_of_the_way_or_the_proof_is_refused_by_its_rule_and_not_answered(name):
    arrive, rule = ARRIVALS[name]
    assert outcome(arrive(), connector()) == (rule, None)


@pytest.mark.parametrize("name", WEAK_KEY)
def test_a_weak_key_in_the_metadata_proves_nothing(name):
    known = connector(keys=tuple(trusted_keys("rsa2048")))
    assert outcome(WEAK_KEY[name](), known) == ("check_key_strong", None)


def test_every_rule_that_a_request_can_meet_has_its_defect():
    modules = (request_rules, schema, signature_rules, query, binding, xml)
    rules = set().union(*map(rules_of, modules))
    met = {"check_key_strong", *(defect.rule for defect in CONTENT.values()), *(rule for _, rule in ARRIVALS.values())}
    assert rules - met == set(NOT_MET)
