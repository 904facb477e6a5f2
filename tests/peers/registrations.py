"""What stands in a broker's files about its peers, and what the peers are told: both sides of each registration."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from broker.client_secrets import digest
from broker.commands.skeleton import write_instance, write_secret
from certs.keyring import new_key
from certs.keys import State, Use

SECRET = "a secret/with+signs that:a client%must=encode"


@dataclass(frozen=True)
class Service:
    """A service. `lines` stand in its file; `facts` are told to service.mjs, which plays it unless they are None.

    `at` is the origin of whoever else plays it, with a slash.
    """

    name: str
    lines: str = ""
    facts: Mapping[str, object] | None = field(default_factory=dict)
    at: str = ""
    callback: str = ""
    secret: bool = True


@dataclass(frozen=True)
class Provider:
    """A provider. `lines` stand in its file; `client` is told to oidc-provider about us, `options` are for provider.mjs."""

    name: str
    lines: str = ""
    client: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    path: str = ""

    @property
    def host(self) -> str:
        """Each has a name of its own: cookies know no ports."""
        return f"fi-{self.name}.localhost"


_SERVICE = """
[fs]
id = "{name}"
name = {{ fr = "Service {name}", en = "Service {name}" }}
public = true
redirect_uris = ["{callback}"]
post_logout_redirect_uris = ["{home}"]
home = "{home}"
scopes = ["openid", "identite_pivot", "preferred_username", "email"]
contacts = [{{ type = "technical", mail = "x@fs.example" }}]
{lines}
"""
_PROVIDER = """
[fi]
id = "{name}"
name = {{ fr = "Compte {name}", en = "{name} account" }}
issuer = "{issuer}"
client_id = "passerelle-{name}"
levels = ["eidas1", "eidas2"]
private_addresses = true
contacts = [{{ type = "support", mail = "x@fi.example" }}]
{lines}
"""
_SECRET_FILE = 'client_secret_file = "secrets/fi-{name}"\n'


def write_files(
    instance: Path,
    broker: str,
    home: str,
    services: Collection[Service],
    providers: Mapping[str, Provider],
    keys: Collection[tuple[Use, str]],
) -> None:
    """The broker's instance. `providers` stand under their issuers; `keys` are made beside those of a new instance."""
    write_instance(instance, broker, int(time.time()))
    for use, algorithm in keys:
        new_key(instance / "secrets/keys", use, algorithm, State.ACTIVE, int(time.time()))
    for service in services:
        _write_service(instance, home, service)
    for issuer, provider in providers.items():
        _write_provider(instance, issuer, provider)


def _write_service(instance: Path, home: str, service: Service) -> None:
    at = service.at or home
    callback = service.callback or f"{at}{service.name}/callback"
    lines = service.lines.format(jwks=f"{at}{service.name}/jwks")
    text = _SERVICE.format(name=service.name, callback=callback, home=at, lines=lines)
    (instance / f"partners/fs/{service.name}.toml").write_text(text)
    if service.secret:
        key = bytes.fromhex((instance / "secrets/client-secrets.key").read_text().strip())
        write_secret(instance / f"secrets/fs-{service.name}", digest(key, service.name, SECRET).hex())


def _write_provider(instance: Path, issuer: str, provider: Provider) -> None:
    by_secret = "private_key_jwt" not in provider.lines
    lines = (_SECRET_FILE.format(name=provider.name) if by_secret else "") + provider.lines.format(issuer=issuer)
    text = _PROVIDER.format(name=provider.name, issuer=issuer, lines=lines)
    (instance / f"partners/fi/{provider.name}.toml").write_text(text)
    if by_secret:
        write_secret(instance / f"secrets/fi-{provider.name}", SECRET)


def told_to_service(service: Service) -> Mapping[str, object]:
    """What service.mjs needs to play it."""
    defaults = {"library": "openid-client", "method": "client_secret_basic", "alg": "ES256"}
    return {**defaults, "client_id": service.name, "client_secret": SECRET, **(service.facts or {})}


def told_to_provider(provider: Provider, broker: str) -> Mapping[str, object]:
    """What oidc-provider knows of us."""
    by_key = provider.client.get("token_endpoint_auth_method") == "private_key_jwt"
    return {
        "client_id": f"passerelle-{provider.name}",
        **({} if by_key else {"client_secret": SECRET}),
        "redirect_uris": [f"{broker}/api/v2/oidc-callback/{provider.name}"],
        "post_logout_redirect_uris": [f"{broker}/api/v2/client/logout-callback"],
        "id_token_signed_response_alg": "ES256",
        "jwks_uri": f"{broker}/api/v2/client/.well-known/keys",
        **provider.client,
    }
