"""Our keys at a French provider: by what we say who we are, and what it encrypts to."""

from broker.parties import Provider
from certs.keyring import Keyring
from certs.keys import Key, State, Use
from oidc.opening import Opening


def keys_at(provider: Provider, keyring: Keyring) -> tuple[Key | None, Opening | None]:
    """What its entry needs. LookupError, with the command that makes it, for a key that is missing."""
    return _signer(provider, keyring), _opening(provider, keyring)


def _signer(provider: Provider, keyring: Keyring) -> Key | None:
    if provider.authentication != "private_key_jwt":
        return None
    return keyring.signing(provider.assertion_algorithm, Use.RP_SIGNING)


def _opening(provider: Provider, keyring: Keyring) -> Opening | None:
    """Keys of every state open: what was encrypted to one that retires may be under way. One must be active."""
    if not provider.encrypted:
        return None
    keys = tuple(key for key in keyring.all(Use.RP_DECRYPTION) if key.algorithm in provider.key_algorithms)
    if not any(key.state is State.ACTIVE for key in keys):
        algorithm = min(provider.key_algorithms)
        raise LookupError(f"no active {algorithm} key: passerelle keys new {Use.RP_DECRYPTION} --alg {algorithm}")
    return Opening(keys, provider.key_algorithms, provider.content_algorithms)
