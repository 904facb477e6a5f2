"""Every attack of the table is refused, for the reason that the table gives; what is right beside it passes."""

import pytest

from oidc import client, id_token, opening, tokens, wire
from oidc.client import IdToken
from oidc.errors import BadAnswer
from tests.oidc.attacks import (
    ATTACKS,
    CLAIMS,
    REGISTRATION,
    SEALED,
    Attack,
    ask,
    come_back,
    hear,
    hear_sealed,
    inside,
    signed,
)
from tests.oidc.sealing import by_curve, by_rsa


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.rule}: {attack.defect}")
def test_an_attack_is_refused(attack: Attack) -> None:
    with pytest.raises(BadAnswer, match=attack.refusal):
        attack.act()


def test_each_stands_here_once() -> None:
    assert len({(attack.rule, attack.defect) for attack in ATTACKS}) == len(ATTACKS) >= 100


@pytest.mark.parametrize("rule", sorted({attack.rule.partition(".")[0] for attack in ATTACKS}))
def test_the_rule_that_an_attack_breaks_is_there(rule: str) -> None:
    assert any(hasattr(module, rule) for module in (client, id_token, opening, tokens, wire))


@pytest.mark.parametrize("seal", [by_rsa, by_curve])
def test_what_is_right_is_believed(seal: object) -> None:
    right = IdToken("abc", "eidas2", None, ())
    assert hear(signed()) == right
    assert hear_sealed(seal(inside())) == right  # type: ignore[operator]
    assert come_back() == "c"


@pytest.mark.parametrize("content", [b'{"sub": "abc"}', inside()], ids=["JSON", "signed"])
def test_sealed_userinfo_may_be_signed_or_not_as_the_entry_says(content: bytes) -> None:
    assert dict(ask(by_rsa(content).encode(), SEALED))["sub"] == "abc"  # type: ignore[call-overload]


def test_signed_userinfo_is_what_it_was() -> None:
    assert ask(inside(), REGISTRATION) == dict(CLAIMS)
