"""A valid instance in a folder, to be spoilt in one place."""

from pathlib import Path

from broker.settings import Settings, SettingsInvalid, load

MAIN = """\
[broker]
mode = "production"
public_url = "https://connexion.example.fr"
name = { fr = "Connexion", en = "Sign-in" }
support = { mail = "aide@example.fr" }
database = "memory:"

[session]
sso_minutes = 20
"""
SERVICE = """\
[fs]
id = "mairie"
name = { fr = "Mairie", en = "Town Hall" }
public = true
redirect_uris = ["https://mairie.example/retour"]
home = "https://mairie.example/"
scopes = ["openid", "identite_pivot"]
min_loa = "substantial"
contacts = [{ type = "technical", mail = "si@mairie.example" }]
"""
PROVIDER = """\
[fi]
id = "impots"
name = { fr = "Impôts", en = "Taxes" }
issuer = "https://impots.example"
client_id = "passerelle"
client_secret_file = "secrets/fi-impots"
levels = ["eidas1", "eidas2"]
contacts = [{ type = "support", mail = "aide@impots.example" }]
"""
DATA_PROVIDER = """\
[fd]
id = "revenus"
name = { fr = "Revenus", en = "Income Office" }
resource = "https://revenus.example/api"
jwks_uri = "https://revenus.example/jwks.json"
identity = ["birthdate", "family_name"]
lifetime = "10m"
contacts = [{ type = "technical", mail = "si@revenus.example" }]

[[fd.scope]]
name = "revenu_fiscal"
label = { fr = "Votre revenu fiscal", en = "Your tax income" }
legal_basis = "Loi 1"

[[fd.scope]]
name = "nombre_parts"
label = { fr = "Vos parts", en = "Your shares" }
legal_basis = "Loi 2"
"""
GRANTS = """
[[fs.data]]
scope = "revenu_fiscal"
legal_basis = "Délibération 1"
required = true

[[fs.data]]
scope = "nombre_parts"
legal_basis = "Délibération 2"
"""
NOW = 1_790_000_000
MAIRIE, IMPOTS, MAIN_FILE = "partners/fs/mairie.toml", "partners/fi/impots.toml", "passerelle.toml"
REVENUS = "partners/fd/revenus.toml"
PEPPER, SUB, CLIENT_KEY, DIGEST = "a1" * 32, "b2" * 32, "c3" * 32, "d4" * 32


class Folder:
    """An instance on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ: dict[str, str] = {}
        for name, text in {MAIN_FILE: MAIN, MAIRIE: SERVICE, IMPOTS: PROVIDER}.items():
            self.write(name, text)
        secrets = {"pepper-1": PEPPER, "sub-1": SUB, "client-secrets.key": CLIENT_KEY}
        for name, text in {**secrets, "fs-mairie": DIGEST, "fi-impots": "our-secret-at-impots"}.items():
            self.hide(name, text)

    def write(self, name: str, text: str) -> None:
        """A file of the configuration."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def hide(self, name: str, text: str) -> Path:
        """A file under secrets/."""
        path = self.path / "secrets" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return path

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        text = (self.path / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def load(self) -> Settings:
        """The settings; SettingsInvalid when something is wrong."""
        return load(self.path, self.environ, NOW)

    def problems(self) -> list[str]:
        """Errors and warnings as `file: CODE key: sentence`, without places, sources and hints."""
        try:
            found = self.load().warnings
        except SettingsInvalid as invalid:
            found = invalid.problems
        return [f"{problem.file}: {problem.code} {problem.key}: {problem.sentence}" for problem in found]

    def messages(self) -> list[str]:
        """Errors and warnings as people read them."""
        try:
            return [str(problem) for problem in self.load().warnings]
        except SettingsInvalid as invalid:
            return [str(problem) for problem in invalid.problems]
