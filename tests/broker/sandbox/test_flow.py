"""The story of a login, from its messages."""

import pytest
from joserfc import jwt

from broker.sandbox.flow import last_login, strangers, tell
from tests.broker.sandbox.test_decoding import KEY, SEALED, exchange


def no_keys(_issuer):
    return None


def step(number, host, path, query="", sender="browser", location="", **changes):
    headers = (("Location", location),) if location else ()
    return exchange(number=number, host=host, path=path, query=query, sender=sender, answer_headers=headers, **changes)


PRESSED = step(1, "fs.localhost", "/login", location="http://fc.localhost:1/api/v2/authorize?state=1")
METADATA = step(2, "fc.localhost", "/api/v2/.well-known/openid-configuration", sender="fs.localhost")
ASKED = step(3, "fc.localhost", "/api/v2/authorize", "state=1")
AT_PROVIDER = step(4, "fi.localhost", "/authorize", "client_id=passerelle&scope=openid&state=x")


def test_a_login_begins_where_the_button_was_pressed():
    earlier = step(0, "fs.localhost", "/")
    assert last_login([earlier, PRESSED, METADATA, ASKED, AT_PROVIDER]) == [PRESSED, METADATA, ASKED, AT_PROVIDER]


def test_only_the_last_login_is_told():
    again = step(9, "fc.localhost", "/api/v2/authorize", "state=2")
    assert last_login([PRESSED, ASKED, again]) == [again]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_abroad_begins_where_the_button_was_pressed(method):
    pressed = step(1, "sp.it.localhost", "/login", location="http://node.it.localhost:1/connector/login?state=1")
    connector = step(2, "node.it.localhost", "/connector/login", "state=1")
    asked = step(3, "fc.localhost", "/eidas/proxy/sso", method=method)
    assert last_login([PRESSED, ASKED, pressed, connector, asked, AT_PROVIDER]) == [pressed, connector, asked, AT_PROVIDER]


def test_without_a_login_there_is_no_story():
    assert last_login([step(1, "fs.localhost", "/")]) == []


def test_a_message_says_who_told_whom_what():
    message = tell([PRESSED], no_keys, 1).messages[0]
    assert (message.sender, message.receiver, message.kind) == ("Browser", "Demo Town Hall", "mairie-demo")
    assert message.what.startswith("The citizen presses the button")
    assert message.leads_to == "http://fc.localhost:1/api/v2/authorize"


def test_published_documents_are_not_a_part_in_the_login():
    read = step(1, "fi2.localhost", "/.well-known/openid-configuration", sender="fc.localhost")
    assert tell([read], no_keys, 1).knowledge == ()


def test_a_callback_is_recognised_whatever_its_provider():
    back = step(1, "fc.localhost", "/api/v2/oidc-callback/impots-demo")
    assert tell([back], no_keys, 1).messages[0].what.startswith("The provider’s answer")


def test_a_party_knows_what_it_was_sent_but_random_values_mean_nothing():
    (knowledge,) = tell([AT_PROVIDER], no_keys, 1).knowledge
    assert knowledge.facts == (("client_id", "passerelle"), ("scope", "openid"))
    assert knowledge.opaque == ("state",)


def test_a_party_that_met_nobody_is_blind():
    (knowledge,) = tell([AT_PROVIDER], no_keys, 1).knowledge
    assert knowledge.found == ()


def test_a_name_that_leaks_is_found():
    leak = step(1, "fi.localhost", "/authorize", headers=(("Referer", "http://fs.localhost:1/"),))
    assert tell([leak], no_keys, 1).knowledge[0].found == ("fs.localhost",)


def test_a_name_that_leaks_to_the_service_is_found():
    told = step(1, "fc.localhost", "/api/v2/token", sender="shop.localhost", answer=b'{"idp":"Imp\\u00f4ts D\\u00e9mo"}')
    assert tell([told], no_keys, 1).knowledge[0].found == ("Impôts Démo",)


def test_in_a_login_abroad_each_message_says_who_told_whom_what():
    story = tell([step(1, "sp.it.localhost", "/login"), step(2, "fc.localhost", "/eidas/proxy/sso")], no_keys, 1)
    assert [message.receiver for message in story.messages] == ["Comune di Demo", "Demo Sign-in (the broker)"]
    assert all(message.what for message in story.messages)
    assert [(one.role, one.kind) for one in story.knowledge] == [("service abroad", "comune-demo")]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("sp.it.localhost", {"Impôts Démo", "Mairie de Démo"}),
        ("fi.localhost", {"Comune di Demo", "node.it.localhost"}),
        ("fs.localhost", {"Comune di Demo", "sp.it.localhost"}),
        ("node.it.localhost", {"Impôts Démo", "Mairie de Démo", "Revenus Démo"}),
        ("fi.localhost", {"Revenus Démo", "points.localhost"}),
        ("fd.localhost", {"Impôts Démo", "fi2.localhost", "node-el", "node.el.localhost"}),
    ],
)
def test_nobody_may_meet_the_other_side(host, words):
    assert words < set(strangers(host))


def test_a_data_provider_may_meet_the_service_and_the_service_a_data_provider():
    assert "mairie-demo" not in strangers("fd.localhost")
    assert "revenus-demo" not in strangers("fs.localhost")


def test_what_is_in_an_answer_about_a_token_is_known():
    inside = {"active": True, "scope": "revenu_fiscal", "sub": "x"}
    token = jwt.encode({"alg": "ES256"}, {"iss": "http://x", "token_introspection": inside}, KEY)
    kind = ("Content-Type", "application/token-introspection+jwt")
    told = exchange(host="fc.localhost", sender="fd.localhost", answer_headers=(kind,), answer=SEALED.encode())
    (knowledge,) = tell([told], no_keys, 1, lambda _: token).knowledge
    assert ("scope", "revenu_fiscal") in knowledge.facts


def test_a_service_must_meet_no_provider_and_a_provider_no_service():
    assert {"Poste Démo", "impots-demo", "fi2.localhost"} < set(strangers("fs.localhost"))
    assert {"Mairie de Démo", "assurance-demo", "shop.localhost"} < set(strangers("fi.localhost"))
