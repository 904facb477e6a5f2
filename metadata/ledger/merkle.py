"""The Merkle tree of RFC 9162, 2.1: roots that grow with the log, and proofs that need none of its other entries.

A leaf is an entry's octets. Hashes are SHA-256, 32 octets each; paths stand in the order of the RFC.
"""

import hashlib
from collections.abc import Iterable, Sequence

from metadata.errors import LedgerRefused

EMPTY = hashlib.sha256().digest()
"""RFC 9162 2.1.1: the root of a log without entries."""


def leaf_hash(octets: bytes) -> bytes:
    """RFC 9162 2.1.1: of an entry."""
    return hashlib.sha256(b"\x00" + octets).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 2.1.1: of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows. It holds one hash for each 1 in the binary form of its size, the largest subtree first."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._peaks: list[bytes] = []
        self.size = 0
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """One leaf more, by its hash."""
        merges = (~self.size & (self.size + 1)).bit_length() - 1  # as many as the size has 1s at its end
        for _ in range(merges):
            leaf = node_hash(self._peaks.pop(), leaf)
        self._peaks.append(leaf)
        self.size += 1

    def copy(self) -> "Frontier":
        """One that grows on its own."""
        other = Frontier()
        other._peaks, other.size = list(self._peaks), self.size
        return other

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._peaks:
            return EMPTY
        *larger, root = self._peaks
        for peak in reversed(larger):
            root = node_hash(peak, root)
        return root


# -- proofs -----------------------------------------------------------------------------------------------------------


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 9162 2.1.3.1: why the leaf `index` (from 0) is in the tree of these leaves' hashes. Raises LedgerRefused."""
    check_index(index, len(leaves))
    return _siblings(_levels(leaves), 0, index)


def consistency_path(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """RFC 9162 2.1.4.1: why the tree of the first `old` leaves is where this one began. Raises LedgerRefused."""
    check_sizes(old, len(leaves))
    if old == len(leaves):
        return []
    levels, level, node = _levels(leaves), 0, old - 1
    while node & 1:  # up to the largest whole subtree that ends where the old tree ended
        level, node = level + 1, node >> 1
    return [*([levels[level][node]] if node else []), *_siblings(levels, level, node)]


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Every level of the tree from the leaves up; the last node of an odd level stands in the next one unchanged."""
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels


def _siblings(levels: list[list[bytes]], level: int, node: int) -> list[bytes]:
    path = []
    for nodes in levels[level:-1]:
        if (node ^ 1) < len(nodes):
            path.append(nodes[node ^ 1])
        node >>= 1
    return path


# -- the law ----------------------------------------------------------------------------------------------------------


def check_index(index: int, size: int) -> None:
    """RFC 9162 2.1.3: a proof is of an entry that the tree has."""
    if not 0 <= index < size:
        raise LedgerRefused(f"a tree of {size} entries has no entry {index}")


def check_sizes(old: int, new: int) -> None:
    """RFC 9162 2.1.4: a log has grown from something, and never shrinks."""
    if not 0 < old <= new:
        raise LedgerRefused(f"a log of {old} entries cannot have become one of {new}")


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 2.1.3.2: the leaf, by its hash, is entry `index` of the tree of this size and root."""
    check_index(index, size)
    node, last, found = index, size - 1, leaf
    for step in path:
        check_path_ends(last)
        if node & 1 or node == last:
            found = node_hash(step, found)
            node, last = _past_left_edges(node, last)
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise LedgerRefused("the proof of inclusion does not lead to this root")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2: the tree of `new` entries begins with the tree of `old` ones."""
    check_sizes(old, new)
    if old == new:
        check_same_root(old_root, new_root, path)
        return
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise LedgerRefused("the proof of consistency is empty")
    node, last = _past_whole(old - 1, new - 1)
    before = after = steps[0]
    for step in steps[1:]:
        check_path_ends(last)
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            node, last = _past_left_edges(node, last)
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise LedgerRefused("the proof of consistency does not lead from one root to the other")


def check_path_ends(last: int) -> None:
    """RFC 9162 2.1.3.2, 2.1.4.2: a path is no longer than its tree is high, else the root is of another tree."""
    if last == 0:
        raise LedgerRefused("the proof is longer than its tree is high")


def check_same_root(old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2: of two trees of one size there is nothing to prove."""
    if path or old_root != new_root:
        raise LedgerRefused("two trees of one size have one root, and nothing to prove")


def _past_left_edges(node: int, last: int) -> tuple[int, int]:
    """Up to where the node is a right child: between are levels on which it stands alone."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _past_whole(node: int, last: int) -> tuple[int, int]:
    while node & 1:
        node, last = node >> 1, last >> 1
    return node, last
