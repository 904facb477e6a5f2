"""A request as it reaches a Proxy-Service, the fields of a form or the query of an address; and what becomes of it."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from eidas import binding, query, request, signature, xml
from eidas.errors import Refused
from eidas.keys import Signer
from eidas.messages import AuthnRequest, KnownConnector
from eidas.request import ProvenRequest
from tests.eidas.exchange import REQUEST, Change, nothing
from tests.eidas.parts import signer_of
from tests.eidas.rules import rule_that_fired

Arrival = Mapping[str, str] | str
"""A form, or a query as it was written."""
Answer = tuple[str, str] | None
"""Status and sub status; None: nobody is answered."""
ACCEPTED = "accepted"
STATE = "state of the Connector"


# -- sent -------------------------------------------------------------------------------------------------------------


def written(
    change: Change = nothing, asked: AuthnRequest = REQUEST, signer: Signer | None = None, after: Change = nothing
) -> bytes:
    """A request, spoilt before it is signed, or after."""
    root = xml.parse(unsigned(change, asked))
    signature.sign(root, signer or signer_of())
    after(root)
    return xml.write(root)


def unsigned(change: Change = nothing, asked: AuthnRequest = REQUEST) -> bytes:
    """A request, spoilt, and nobody's."""
    root = xml.parse(request.write_request(asked, None))
    change(root)
    return xml.write(root)


def posted(octets: bytes, state: str = STATE) -> Arrival:
    """HTTP-POST."""
    return {"SAMLRequest": xml.encoded(octets), "RelayState": state}


def redirected(octets: bytes, state: str = STATE) -> Arrival:
    """HTTP-Redirect as the CEF node does it: the message is signed inside and not deflated, the query is not signed."""
    return urlencode({"SAMLRequest": xml.encoded(octets), "RelayState": state})


def signed_query(octets: bytes, state: str | None = STATE, signer: Signer | None = None) -> str:
    """HTTP-Redirect by SAML Bindings 3.4.4.1: deflated, and the query is signed."""
    return query.sign_query("SAMLRequest", binding.deflated(octets), state, signer or signer_of())


WAYS: Mapping[str, Callable[[Change, AuthnRequest], Arrival]] = {
    "POST": lambda change, asked: posted(written(change, asked)),
    "Redirect, signed inside": lambda change, asked: redirected(written(change, asked)),
    "Redirect, signed query": lambda change, asked: signed_query(unsigned(change, asked)),
}

# -- received ---------------------------------------------------------------------------------------------------------


def proven(arrival: Arrival, known: KnownConnector) -> ProvenRequest:
    """The request of an arrival, as its Connector signed it. Raises Refused."""
    fields = dict(parse_qsl(arrival, keep_blank_values=True)) if isinstance(arrival, str) else arrival
    binding.check_relay_state(fields.get("RelayState", ""))
    if not isinstance(arrival, str):
        return request.prove_request(binding.read_post(fields["SAMLRequest"]), known)
    if not {"SigAlg", "Signature"} & fields.keys():
        return request.prove_request(binding.read_redirect(fields["SAMLRequest"]), known)
    verified = query.verify_query(arrival, known.keys, known.compatibility)
    return request.prove_request_of_query(
        binding.read_redirect(verified.message), known, verified.certificate, verified.deviations
    )


def outcome(arrival: Arrival, known: KnownConnector) -> tuple[str, Answer]:
    """The rule that refuses an arrival (the detail where no rule was running), and what its sender is answered."""
    try:
        found = proven(arrival, known)
    except Refused as refused:
        return rule_that_fired(refused) or refused.detail, None
    try:
        request.read_proven(found, known)
    except Refused as refused:
        status = request.refusal(refused)
        return rule_that_fired(refused) or refused.detail, (status.code, status.sub)
    return ACCEPTED, None
