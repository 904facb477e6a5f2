"""The mail to a country: its part alone, to an address that is proven, and no text of theirs becomes a header."""

from email import message_from_string
from pathlib import Path

import pytest

from broker.handshake import letter
from broker.handshake.steps import LONGEST, legible
from certs.keys import Use, fingerprint
from tests.broker.fetched import STRANGER
from tests.broker.handshake.meetings import Handshaking, connector_document, pin
from tests.broker.handshake.test_course import DEFECTS
from tests.metadata.authorities import published

CONTACT = "mailto:support@node.el.example"


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    return Handshaking(tmp_path)


def contacts(shaking: Handshaking, *mails: tuple[str, str]) -> None:
    """Greece's contacts are these: (kind, address)."""
    text = shaking.publisher.document().decode()
    one = text[text.index("<md:ContactPerson") : text.index("</md:EntityDescriptor>")]
    made = "".join(one.replace("support", kind, 1).replace(CONTACT, mail) for kind, mail in mails)
    shaking.publisher.edits.append((one.strip(), made))
    shaking.gives(shaking.publisher.document())


@pytest.mark.parametrize("name", DEFECTS)
def test_the_mail_tells_what_they_should_do_and_nothing_of_ours(shaking: Handshaking, name: str):
    role, spoil, step, _ = DEFECTS[name]
    spoil(shaking)
    course = shaking.course(role)
    steps = {one.name: one for one in course}
    mail = letter([(course, list(steps.values()))])
    squeezed, wrong = " ".join(mail.split()), steps[step]
    if wrong.theirs != ("Nothing: this is ours to mend.",):
        assert " ".join(f"Please: {wrong.theirs[0]}".split()) in squeezed
    assert not any(" ".join(sentence.split()) in squeezed for sentence in wrong.ours)
    assert "partners/countries" not in squeezed


@pytest.mark.parametrize("name", DEFECTS)
def test_every_mail_has_two_headers_and_plain_lines(shaking: Handshaking, name: str):
    role, spoil, _, _ = DEFECTS[name]
    spoil(shaking)
    mail = shaking.mail(role)
    message = message_from_string(mail)
    assert message.keys() == ["To", "Subject"]
    assert all(letter_.isprintable() for line in mail.split("\n") for letter_ in line)


def test_it_goes_to_the_technical_contact(shaking: Handshaking):
    contacts(shaking, ("support", "mailto:help@el.example"), ("technical", "mailto:tech@el.example"))
    assert message_from_string(shaking.mail())["To"] == "tech@el.example"


def test_it_goes_to_the_support_where_there_is_no_technical_contact(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    assert message_from_string(shaking.mail())["To"] == "support@node.el.example"


def test_a_contact_that_nobody_proved_is_not_written_to(shaking: Handshaking):
    shaking.gives(published(STRANGER))
    assert message_from_string(shaking.mail())["To"].startswith("(no contact is proven")


def test_while_a_document_is_not_proven_the_contact_that_is_trusted_counts(shaking: Handshaking):
    shaking.change(sources={"proxy": shaking.address})
    shaking.trust()
    attackers = shaking.publisher.document().replace(b"support@node.el", b"support@attacker")
    shaking.gives(attackers)
    assert message_from_string(shaking.mail())["To"] == "support@node.el.example"


HOSTILE = {
    "a line more": "mailto:a@el.example&#10;Bcc: all@el.example",
    "a carriage return": "mailto:a@el.example&#13;&#10;Subject: x",
    "two of them": "mailto:a@el.example,b@el.example",
    "a name": "mailto:Boss &lt;a@el.example&gt;",
    "parameters": "mailto:a@el.example?bcc=b@el.example",
    "an option": "mailto:-oQ/tmp@el.example",
    "a group": "mailto:all:a@el.example;",
    "a quoted part": 'mailto:"a b"@el.example',
    "an address of digits": "mailto:a@[127.0.0.1]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_more_than_an_address_is_no_recipient(shaking: Handshaking, name: str):
    contacts(shaking, ("technical", HOSTILE[name]))
    message = message_from_string(shaking.mail())
    assert (message.keys(), message["To"].startswith("(no contact")) == (["To", "Subject"], True)


def test_texts_of_theirs_command_no_terminal_and_turn_nothing_round(shaking: Handshaking):
    name = '<md:OrganizationDisplayName xml:lang="en">'
    evil = "\u202eevil\u2028Bcc: x\u200b\u009b31m"
    shaking.publisher.edits.append((f"{name}Node of EL", f"{name}{evil}"))
    shaking.publisher.edits.append(("https://node.el.example/sso", "https://s\u202eso.example/"))
    shaking.gives(shaking.publisher.document())
    steps = shaking.steps().values()
    texts = [text for step in steps for text in (step.found, *step.facts, *step.ours, *step.theirs)]
    assert all(character.isprintable() for text in texts for character in text)
    assert any("evil Bcc: x" in text for text in texts)
    assert all(character.isprintable() for line in shaking.mail().split("\n") for character in line)


def test_a_server_commands_no_terminal(shaking: Handshaking):
    shaking.gives(shaking.publisher.document(), etag="\x1b]0;owned\x07", **{"content-type": "\x1b[2Jtext/html\r\nX: y"})
    facts = shaking.steps()["document"].facts
    assert all(character.isprintable() for fact in facts for character in fact)


def test_a_text_is_no_longer_than_a_line_may_be():
    assert len(legible("a" * 5000)) == LONGEST


def test_both_roles_are_one_mail(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    shaking.gives(connector_document(shaking), "connector")
    taken = [(course, list(course)) for course in map(shaking.course, ("proxy", "connector"))]
    mail = letter(taken)
    assert ("Your Proxy-Service" in mail, "Your Connector" in mail) == (True, True)
    assert message_from_string(mail)["Subject"] == "eIDAS metadata of EL: Proxy-Service and Connector"


def test_it_says_what_they_need_of_us_and_who_asks(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    mail = shaking.mail()
    (key,) = shaking.keyring.all(Use.METADATA_SIGNING)
    assert fingerprint(key.certificate) in mail
    assert ("Direction du numérique" in mail, "technical: noeud@dn.example" in mail) == (True, True)
    assert "Nothing is wrong with it." in mail


def test_a_mail_about_a_pinned_file_names_its_digest_and_no_address(shaking: Handshaking):
    pin(shaking, shaking.publisher.document())
    mail = shaking.mail()
    assert ("Document: SHA-256 " in mail, "Address:" in mail) == (True, False)


def test_what_was_not_looked_at_is_said(shaking: Handshaking):
    shaking.gives(published(STRANGER))
    assert "Not looked at before that is mended: 5 role and country" in " ".join(shaking.mail().split())
