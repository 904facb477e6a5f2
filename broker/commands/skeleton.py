"""What `passerelle init` writes: the files of a new instance, and its secrets; and what `fs`, `fi` and `fd new` write."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from broker.commands.writing import quoted, quoted_list, write_secret

__all__ = ["data_provider_file", "main_file", "provider_file", "service_file", "write_instance", "write_secret"]


def main_file(public_url: str) -> str:
    """passerelle.toml."""
    return f"""\
# The only file a new operator must read. Any key: passerelle config explain KEY
# After a change: passerelle check && passerelle reload
[broker]
mode       = "production"
public_url = {quoted(public_url)}     # the OpenID Connect issuer is this and /api/v2
name       = {{ fr = "Connexion Démo", en = "Demo Sign-in" }}
support    = {{ mail = "", tel = "", hours = "" }}     # citizens read it on every error page
database   = "sqlite:///var/passerelle.db"     # several machines: postgresql://HOST/DATABASE
# theme    = "theme"                           # a folder with your own style sheet and logo

[session]
sso_minutes  = 30     # how long a session serves other services
step_minutes = 30     # how long one login may take

[journal]
days = 30             # how long your log rotation keeps the journal

[accessibility]
state = "none"        # after an audit "partial" or "full", with audited, auditor, rate

# [eidas]               # to meet other countries, after docs/operator/countries.md
# country      = "FR"
# roles        = ["connector", "proxy"]     # citizens of other countries here; ours there
# organisation = {{ name = "Direction du numérique", url = "https://numerique.example.fr" }}
# contacts     = [{{ type = "technical", mail = "" }}, {{ type = "support", mail = "" }}]
"""


def service_file(
    service_id: str,
    names: tuple[str, str],
    redirect_uris: tuple[str, ...],
    home: str,
    public: bool,
    auth: str,
    client_id: str,
    places: Mapping[str, str] | None = None,
) -> str:
    """partners/fs/ID.toml. `names` are French and English; an empty `client_id` is the id; `places` are addresses and
    files by their keys.
    """
    kept = f"client_id = {quoted(client_id)}\n" if client_id else ""
    lines = "".join(f"{key} = {quoted(place)}\n" for key, place in (places or {}).items())
    return f"""\
[fs]
id   = {quoted(service_id)}
name = {{ fr = {quoted(names[0])}, en = {quoted(names[1])} }}
{kept}public = {"true" if public else "false"}     # false: citizens must agree before anything is sent
redirect_uris = {quoted_list(redirect_uris)}
post_logout_redirect_uris = [{quoted(home)}]
home = {quoted(home)}     # where a stranded citizen is sent
scopes = ["openid", "identite_pivot", "email"]
min_loa = "low"
auth = {quoted(auth)}
{lines}contacts = [{{ type = "technical", mail = "" }}]
purpose = ""     # the legal basis, for reports
"""


def provider_file(
    provider_id: str,
    names: tuple[str, str],
    issuer: str,
    client_id: str,
    levels: Sequence[str],
    algorithms: Sequence[str],
    auth: str = "client_secret_basic",
) -> str:
    """partners/fi/ID.toml. Our secret there lies in secrets/fi-ID, unless a key says who we are."""
    secret = f"client_secret_file = {quoted(f'secrets/fi-{provider_id}')}\n" if auth != "private_key_jwt" else ""
    return f"""\
[fi]
id     = {quoted(provider_id)}
name   = {{ fr = {quoted(names[0])}, en = {quoted(names[1])} }}
issuer = {quoted(issuer)}
client_id = {quoted(client_id)}
auth   = {quoted(auth)}
{secret}levels = {quoted_list(levels)}     # what it may vouch for
algorithms = {quoted_list(algorithms)}     # of its ID token and userinfo: ours to decide
display = {{ order = 10, visible = true }}
contacts = [{{ type = "support", mail = "" }}]
"""


def data_provider_file(
    data_provider_id: str,
    names: tuple[str, str],
    client_id: str,
    resource: str,
    keys: Mapping[str, str],
    scope: tuple[str, str, str, str],
) -> str:
    """partners/fd/ID.toml. `scope`: its name, labels in French and English, and the law. Without `keys` it has a secret."""
    name, french, english, law = scope
    kept = f"client_id = {quoted(client_id)}\n" if client_id else ""
    places = "".join(f"{key} = {quoted(place)}\n" for key, place in keys.items())
    return f"""\
[fd]
id   = {quoted(data_provider_id)}
name = {{ fr = {quoted(names[0])}, en = {quoted(names[1])} }}
{kept}resource = {quoted(resource)}     # the address of what it delivers; services ask for a token that is for it alone
auth = {quoted("private_key_jwt" if keys else "client_secret")}
{places}identity = []     # by which claims it may know whom it is asked about: none is its own sub alone
lifetime = "10m"  # for how long after the login it may be asked
contacts = [{{ type = "technical", mail = "" }}]

[[fd.scope]]
name = {quoted(name)}
label = {{ fr = {quoted(french)}, en = {quoted(english)} }}     # citizens read it before they agree
legal_basis = {quoted(law)}
"""


def write_instance(folder: Path, public_url: str, now: int) -> None:
    """The whole skeleton, with secrets and signing keys of its own."""
    from certs.keyring import new_key
    from certs.keys import State, Use

    for name in ("partners/fs", "partners/fi", "partners/fd"):
        (folder / name).mkdir(parents=True)
    (folder / "var").mkdir(mode=0o700)
    _write_secrets(folder / "secrets")
    new_key(folder / "secrets/keys", Use.OP_SIGNING, "ES256", State.ACTIVE, now)
    new_key(folder / "secrets/keys", Use.OP_SIGNING, "RS256", State.ACTIVE, now)
    texts = {
        "passerelle.toml": main_file(public_url),
        ".gitignore": "secrets/\nvar/\n",
        "partners/fs/example.toml.txt": _example_service(),
        "partners/fi/example.toml.txt": _example_provider(),
        "partners/fd/example.toml.txt": _example_data_provider(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def _write_secrets(folder: Path) -> None:
    """Pepper, key of the subs, key of the client secrets: 256 random bits each."""
    folder.mkdir(mode=0o700)
    (folder / "keys").mkdir(mode=0o700)
    for name in ("pepper-1", "sub-1", "client-secrets.key"):
        write_secret(folder / name, secrets.token_hex(32))


def _example_service() -> str:
    names = ("Mairie de Démo", "Demo Town Hall")
    text = service_file(
        "mairie-demo",
        names,
        ("https://mairie.example/retour",),
        "https://mairie.example/",
        public=True,
        auth="client_secret",
        client_id="",
    )
    return f"""\
# A service. Only files whose names end in .toml are read. The command writes one, and its secret:
#   passerelle fs new mairie-demo --redirect-uri https://mairie.example/retour
{text}"""


def _example_provider() -> str:
    names = ("Impôts Démo", "Demo Tax Office")
    text = provider_file("impots-demo", names, "https://fi.example.fr", "passerelle", ["eidas1", "eidas2"], ["ES256"])
    return f"""\
# A provider. Only files whose names end in .toml are read. The command writes one from the provider's own metadata:
#   passerelle fi new impots-demo --issuer https://fi.example.fr
{text}"""


def _example_data_provider() -> str:
    scope = ("revenu_fiscal", "Votre revenu fiscal de référence", "Your reference tax income", "…")
    keys = {"jwks_uri": "https://fd.example.fr/jwks.json"}
    names = ("Revenus Démo", "Demo Income Office")
    text = data_provider_file("revenus-demo", names, "", "https://fd.example.fr/api", keys, scope)
    return f"""\
# A data provider. Only files whose names end in .toml are read. The command writes one from options, or checks one that the
# data provider filled in itself:
#   passerelle fd new revenus-demo --from FILE
{text}"""
