"""The store as the rest of the broker sees it: typed values, each found only with its secret.

A `Drawer` names a kind of value and packs it (msgspec: types are checked when a row is read, at a microsecond each).
`Vault.find` reads, `Vault.put` and `Vault.swap` write one row, `Vault.change` is one transaction: what is single-use is
taken in it, never read and then removed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import msgspec

from broker.ports import Row, Store, Transaction
from broker.seal import Locate, Place

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


class Drawer(Generic[T]):
    """One kind of sealed value: its purpose (part of the key) and the types that it may hold.

    `inside` are the dataclasses that may stand where a value's type says only their common base class.
    """

    def __init__(self, purpose: str, *types: type[Any], inside: tuple[type[Any], ...] = ()) -> None:
        self.purpose = purpose
        self._types = types
        self._inside = {frozenset(field.name for field in fields(kind)): kind for kind in inside}
        hook = self._variant if inside else None
        self._decoders = tuple(msgspec.msgpack.Decoder(kind, dec_hook=hook) for kind in types)

    def pack(self, value: T) -> bytes:
        """The value's type as one byte, then MessagePack."""
        return bytes((self._types.index(type(value)),)) + _encode(value)

    def unpack(self, packed: bytes) -> T:
        """The value that `pack` was given. Raises msgspec.ValidationError when the types have changed since."""
        value: T = self._decoders[packed[0]].decode(packed[1:])
        return value

    def read(self, packed: bytes) -> T | None:
        """The value, or None for what another release of Passerelle packed in another shape: for the citizens who are on
        their way while the operator upgrades that is as if it had expired.
        """
        try:
            return self.unpack(packed)
        except (msgspec.DecodeError, IndexError):
            return None

    def _variant(self, base: type[Any], content: dict[str, Any]) -> Any:
        """The dataclass with exactly these fields. ValueError for none, which msgspec passes on as its own error."""
        kind = self._inside.get(frozenset(content), base)
        if not issubclass(kind, base) or kind is base:
            raise ValueError(f"no {base.__name__} has these fields")
        return msgspec.convert(content, kind)


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A value as it was read: enough to replace it if nobody else did in between."""

    value: T
    expires: int
    version: int
    place: Place


class Change:
    """What may be done inside one transaction."""

    def __init__(self, transaction: Transaction, locate: Locate) -> None:
        self._transaction = transaction
        self._locate = locate
        self.open_grant = transaction.open_grant
        self.close_grant = transaction.close_grant
        self.put_notice = transaction.put_notice
        self.withdraw = transaction.withdraw

    def take(self, drawer: Drawer[T], secret: bytes) -> T | None:
        """Remove the value and return it; None when there is none (any more). Only one caller ever gets it."""
        for place in self._locate(secret, drawer.purpose):
            if row := self._transaction.take(place.id):
                return drawer.read(place.open(row))
        return None

    def put(self, drawer: Drawer[T], secret: bytes, value: T, expires: int) -> None:
        """Keep a new value until `expires` (Unix seconds)."""
        self._transaction.put(_new(self._locate, drawer, secret, value, expires))

    def swap(self, drawer: Drawer[T], held: Held[T], value: T, expires: int) -> bool:
        """Replace what was read; False when somebody was first."""
        return self._transaction.swap(_next(drawer, held, value, expires))


class Vault:
    """The sealed rows of one store."""

    def __init__(self, store: Store, locate: Locate) -> None:
        self.store = store
        self._locate = locate

    def find(self, drawer: Drawer[T], secret: bytes) -> Held[T] | None:
        """The value under this secret, or None."""
        for place in self._locate(secret, drawer.purpose):
            if (row := self.store.read(place.id)) and (value := drawer.read(place.open(row))) is not None:
                return Held(value, row.expires, row.version, place)
        return None

    def put(self, drawer: Drawer[T], secret: bytes, value: T, expires: int) -> None:
        """Keep a new value until `expires` (Unix seconds), and do nothing else."""
        self.store.put(_new(self._locate, drawer, secret, value, expires))

    def swap(self, drawer: Drawer[T], held: Held[T], value: T, expires: int) -> bool:
        """Replace what was read, and do nothing else; False when somebody was first."""
        return self.store.swap(_next(drawer, held, value, expires))

    @contextmanager
    def change(self) -> Iterator[Change]:
        """One transaction: everything in it happens, or nothing (an exception undoes it)."""
        with self.store.transaction() as transaction:
            yield Change(transaction, self._locate)


def _new(locate: Locate, drawer: Drawer[T], secret: bytes, value: T, expires: int) -> Row:
    """The first row under a secret, by the newest pepper."""
    return next(locate(secret, drawer.purpose)).seal(drawer.pack(value), expires, 0)


def _next(drawer: Drawer[T], held: Held[T], value: T, expires: int) -> Row:
    """The row after the one that was read."""
    return held.place.seal(drawer.pack(value), expires, held.version + 1)
