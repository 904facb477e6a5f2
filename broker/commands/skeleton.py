"""What `passerelle init` writes: the files of a new instance, and its secrets."""

import secrets
from pathlib import Path

MAIN = """\
# passerelle.toml - the only file a new operator must read. Every key: passerelle config explain KEY
[broker]
mode       = "production"
public_url = "{public_url}"            # the OIDC issuer is this and /api/v2
name       = {{ fr = "Connexion Démo", en = "Demo Sign-in" }}
support    = {{ mail = "aide@example.fr", tel = "", hours = "9 h - 18 h" }}
database   = "sqlite:///var/passerelle.db"   # several machines: postgresql://user@host/passerelle
# theme    = "theme"                         # a folder with your own style sheet and logo

[session]
sso_minutes  = 30
step_minutes = 30

[journal]
days = 30

[accessibility]
state = "none"      # "partial" or "full" after an audit: audited, auditor, rate
"""

FS = """\
# A service: copy to {id}.toml, or let the command write it and its secret:
#   passerelle fs new {id} --redirect-uri https://mairie.example/retour
[fs]
id   = "{id}"
name = {{ fr = {fr}, en = {en} }}
public = {public}                  # false: citizens must tick a box before anything is sent
redirect_uris = [{redirect_uris}]
post_logout_redirect_uris = [{post_logout}]
home = "{home}"                    # where a stranded citizen is sent
{client_id}scopes = ["openid", "identite_pivot", "email"]
min_loa = "low"
auth = "{auth}"
contacts = [{{ type = "technical", mail = "" }}]
purpose = ""                       # the legal basis
"""

FI = """\
# A provider. Our secret there lies in {secret_file} (mode 0600).
[fi]
id     = "{id}"
name   = {{ fr = "{id}", en = "{id}" }}
issuer = "{issuer}"
client_id = "passerelle"
client_secret_file = "{secret_file}"
levels = [{levels}]
algorithms = [{algorithms}]
contacts = [{{ type = "support", mail = "" }}]
"""

IGNORED = "secrets/\nvar/\n"


def write_instance(folder: Path, public_url: str, now: int) -> None:
    """The whole skeleton, with secrets and signing keys of its own."""
    from certs.keyring import new_key
    from certs.keys import State, Use

    for name in ("partners/fs", "partners/fi", "var"):
        (folder / name).mkdir(parents=True)
    write_secrets(folder / "secrets")
    (folder / "passerelle.toml").write_text(MAIN.format(public_url=public_url), "utf-8")
    (folder / ".gitignore").write_text(IGNORED, "utf-8")
    (folder / "partners/fs/example.toml.txt").write_text(example_service(), "utf-8")
    (folder / "partners/fi/example.toml.txt").write_text(
        FI.format(
            id="impots-demo",
            issuer="https://fi.example.fr",
            secret_file="secrets/fi-impots-demo",  # noqa: S106 - the name of a file
            levels='"eidas1", "eidas2"',
            algorithms='"ES256"',
        ),
        "utf-8",
    )
    new_key(folder / "secrets/keys", Use.OP_SIGNING, "ES256", State.ACTIVE, now)
    new_key(folder / "secrets/keys", Use.OP_SIGNING, "RS256", State.ACTIVE, now)


def example_service() -> str:
    """A partner file to copy."""
    return FS.format(
        id="mairie-demo",
        fr='"Mairie de Démo"',
        en='"Demo Town Hall"',
        public="true",
        redirect_uris='"https://mairie.example/retour"',
        post_logout='"https://mairie.example/"',
        home="https://mairie.example/",
        client_id="",
        auth="client_secret",
    )


def write_secrets(folder: Path) -> None:
    """Pepper, key of the subs, key of the client secrets: 256 random bits each, for the owner's eyes alone."""
    folder.mkdir(mode=0o700)
    (folder / "keys").mkdir(mode=0o700)
    for name in ("pepper-1", "sub-1", "client-secrets.key"):
        write_secret(folder / name, secrets.token_hex(32))


def write_secret(path: Path, content: str) -> None:
    """A file that only its owner can ever read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content + "\n", "ascii")
