"""The scenarios in their order, and how they are played: one after the other, each in browsers of its own."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from broker.sandbox.rehearsal import attacks, leaving, logins
from broker.sandbox.rehearsal.audience import Audience
from broker.sandbox.rehearsal.browser import NoAnswer
from broker.sandbox.rehearsal.outcome import Failed, NotPlayed, Outcome, Verdict
from broker.sandbox.rehearsal.scenes import Cast, Play, Scene
from broker.sandbox.rehearsal.stage import Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: its anchor in the documentation, what it is called, how it is played."""

    name: str
    title: str
    play: Play


SCENARIOS = (
    Scenario("login", "login succeeds", logins.login),
    Scenario("cancel", "citizen cancels", logins.cancelled),
    Scenario("error", "error of the broker is shown", logins.failed),
    Scenario("signature", "id_token with a wrong signature", attacks.signature),
    Scenario("nonce", "id_token with a wrong nonce", attacks.nonce),
    Scenario("iss", "id_token of another issuer", attacks.issuer),
    Scenario("aud", "id_token for another service", attacks.audience),
    Scenario("exp", "id_token that has expired", attacks.expired),
    Scenario("birthplace", "birthplace absent (born abroad)", logins.no_birthplace),
    Scenario("birthdate", "birth day unknown (1992-11-00)", logins.unknown_day),
    Scenario("europe", "citizen of another country", logins.foreigner),
    Scenario("acr", "lower level than was asked", attacks.level),
    Scenario("state", "answer with a wrong state", attacks.state),
    Scenario("keys", "key rotated during the login", logins.rotation),
    Scenario("code", "callback is reloaded", attacks.code),
    Scenario("logout", "logout comes back exactly", leaving.logout),
    Scenario("userinfo", "userinfo of somebody else", attacks.userinfo),
)
"""The numbers are the places in this list, from 1 on: they are told to partners, so new ones come at the end."""


def play(
    stage: Stage, audience: Audience, cast: Cast, wait: Callable[[int, str], None], only: Collection[int] = ()
) -> Iterator[Outcome]:
    """Play them; `only` these numbers, where there are some. The first is always played: it shows what a session is.

    `wait` lets seconds pass, and may say why. Where the first fails the others say nothing, and are not played.
    """
    for number, scenario in enumerate(SCENARIOS, 1):
        if number == 1 or not only or number in only:
            outcome = _played(number, scenario, Scene(stage, audience, cast, wait))
            yield outcome
            if number == 1 and outcome.verdict == "fail":
                return


def _played(number: int, scenario: Scenario, scene: Scene) -> Outcome:
    def outcome(verdict: Verdict, said: str, fix: str = "") -> Outcome:
        return Outcome(number, scenario.name, scenario.title, verdict, said, fix)

    try:
        said = scenario.play(scene)
    except Failed as failed:
        return outcome("fail", failed.said, failed.fix)
    except NotPlayed as reason:
        return outcome("skip", str(reason))
    except NoAnswer as silent:
        return outcome("fail", str(silent), "the service must answer within 20 seconds")
    if scene.warnings:
        told, fix = scene.warnings[0]
        return outcome("warn", "; ".join(dict.fromkeys(what for what, _ in scene.warnings)) or told, fix)
    return outcome("pass", said)
