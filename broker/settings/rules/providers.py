"""What holds for providers."""

from broker.settings.rules.addresses import wrong
from broker.settings.rules.partner import Partner

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
OFFERED_ENDPOINTS = ("end_session_endpoint", "pushed_authorization_request_endpoint")


def check_provider_addresses(provider: Partner, sandbox: bool) -> None:
    """OpenID Connect Discovery 3: issuer and endpoints are https."""
    for key in ("issuer", *ENDPOINTS, *OFFERED_ENDPOINTS):
        url = provider.table.get(key)
        if url and (reason := wrong(url, sandbox)):
            provider.document.report("E030", f"fi.{key}", f"{url} {reason}")


def check_endpoints_together(provider: Partner) -> None:
    """Endpoints written by hand replace discovery as a whole."""
    written = [key for key in (*ENDPOINTS, *OFFERED_ENDPOINTS) if provider.table[key]]
    missing = [key for key in ENDPOINTS if key not in written]
    if written and missing:
        sentence = f"endpoints stand here together, or not at all: {', '.join(missing)} missing"
        provider.document.report("E030", f"fi.{written[0]}", sentence)


def check_secret_named(provider: Partner) -> None:
    """RFC 6749 2.3: we prove who we are by a secret, or by a key and no secret."""
    by_key, named = provider.table["auth"] == "private_key_jwt", provider.table["client_secret_file"]
    if not by_key and not named:
        hint = f'client_secret_file = "secrets/fi-{provider.table["id"]}", or auth = "private_key_jwt"'
        provider.document.report("E013", "fi.client_secret_file", "missing: our secret there", hint)
    if by_key and named:
        sentence = "with private_key_jwt there is no secret"
        provider.document.report("E030", "fi.client_secret_file", sentence, "remove the line and the file")
