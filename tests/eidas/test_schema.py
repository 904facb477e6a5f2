"""The schemas: compiled once from local files, valid and invalid told apart, nothing quoted, nothing imported."""

import subprocess
import sys

import pytest

from eidas import schema, xml
from eidas.errors import SchemaRefused
from tests.eidas.exchange import made_element, saying, setting


def test_a_message_in_order_is_valid():
    schema.check_schema(made_element())


@pytest.mark.parametrize(
    "change",
    [setting(".", "ID", "1"), setting(".", "IssueInstant", "Onasis"), setting(".", "Version", None)],
    ids=["no-name", "no-moment", "no-version"],
)
def test_a_message_that_is_not_valid_is_refused_without_quoting_it(change):
    root = made_element()
    change(root)
    with pytest.raises(SchemaRefused, match="not valid by the schemas: line 1") as caught:
        schema.check_schema(root)
    assert "Onasis" not in caught.value.detail


def test_a_type_that_the_profile_does_not_have_is_refused():
    root = xml.parse(
        b'<saml2:Attribute xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Name="a"><saml2:AttributeValue '
        b'xmlns:n="http://eidas.europa.eu/attributes/naturalperson" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:type="n:GenderType">Other</saml2:AttributeValue></saml2:Attribute>'
    )
    with pytest.raises(SchemaRefused):
        schema.check_schema(root)


def test_what_nobody_knows_may_stand_where_the_schemas_leave_room():
    root = made_element()
    saying("saml2:Issuer", "https://other.example")(root)
    schema.check_schema(root)


def test_compiling_asks_nobody_and_imports_no_pysaml2():
    code = "import sys; from eidas import schema; schema.load(); sys.exit('saml2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_schema_that_is_not_there_is_not_fetched():
    resolver = schema._Local()
    with pytest.raises(OSError, match="other\\.xsd"):
        resolver.resolve("https://schemas.example/other.xsd", None, None)


@pytest.mark.parametrize("prefix", ["md:", ""], ids=["prefixed", "default"])
def test_each_fault_of_a_public_document_is_at_its_element(prefix):
    declared = f'xmlns{":md" if prefix else ""}="urn:oasis:names:tc:SAML:2.0:metadata"'
    role = f'<{prefix}PDPDescriptor protocolSupportEnumeration="urn:x"/>'
    text = f'<{prefix}EntityDescriptor {declared} entityID="urn:x">{role * 2}</{prefix}EntityDescriptor>'
    root = xml.parse(text.encode())
    found = schema.faults(root)
    assert list(found) == list(root)
    assert all(sentence.startswith("Element 'PDPDescriptor'") for sentence in found.values())


def test_a_document_in_order_has_no_fault():
    assert schema.faults(made_element()) == {}
