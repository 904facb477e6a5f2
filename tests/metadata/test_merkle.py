"""The tree of RFC 9162: by its own definitions written down again, by published roots, and by another implementation."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.errors import LedgerRefused
from metadata.ledger.merkle import (
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
)

# The entries and roots that Certificate Transparency's implementations test themselves with.
ENTRIES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
""".split()
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
A, B, C, D, E, F, J = LEAVES  # as RFC 9162 2.1.5 names them
G, H, I = node_hash(A, B), node_hash(C, D), node_hash(E, F)  # noqa: E741 - the names of the RFC
K, L = node_hash(G, H), node_hash(I, J)
sizes = st.integers(1, 130)


def split(size):
    """RFC 9162 2.1.1: the largest power of two below the size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(leaves):
    """RFC 9162 2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    """RFC 9162 2.1.3.1, as it is written there."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, complete=True):
    """RFC 9162 2.1.4.1, as it is written there."""
    if m == len(leaves):
        return [] if complete else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], complete), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def leaves_of(size):
    return [leaf_hash(bytes([number])) for number in range(size)]


def tree_of(size):
    """The tree of another implementation."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(bytes([number]))
    return tree


# -- roots ------------------------------------------------------------------------------------------------------------


def test_the_roots_are_those_that_others_publish():
    assert [Frontier(LEAVES[:size]).root().hex() for size in range(1, 8)] == ROOTS


def test_a_log_without_entries_has_the_root_of_the_rfc():
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(sizes)
def test_a_root_is_what_the_definition_says(size):
    assert Frontier(leaves_of(size)).root() == mth(leaves_of(size))


@given(sizes)
def test_a_root_is_what_another_implementation_says(size):
    assert Frontier(leaves_of(size)).root() == tree_of(size).get_root()


def test_a_tree_holds_one_hash_for_each_bit_of_its_size():
    tree = Frontier(leaves_of(127))
    assert (tree.size, len(tree._peaks)) == (127, 7)
    tree.add(A)
    assert len(tree._peaks) == 1


# -- proofs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "expected"), [(0, [B, H, L]), (3, [C, G, L]), (4, [F, J, K]), (6, [I, K])])
def test_the_paths_of_entries_are_those_of_the_rfc(index, expected):
    assert inclusion_path(LEAVES, index) == expected


@pytest.mark.parametrize(("old", "expected"), [(3, [C, D, G, L]), (4, [L]), (6, [I, J, K]), (7, [])])
def test_the_paths_of_older_trees_are_those_of_the_rfc(old, expected):
    assert consistency_path(LEAVES, old) == expected


@given(sizes, st.data())
def test_a_path_of_an_entry_is_what_the_definition_says_and_leads_to_the_root(size, data):
    index, leaves = data.draw(st.integers(0, size - 1)), leaves_of(size)
    assert inclusion_path(leaves, index) == path(index, leaves)
    check_inclusion(leaves[index], index, size, path(index, leaves), mth(leaves))


@given(sizes, st.data())
def test_a_path_of_an_older_tree_is_what_the_definition_says_and_leads_to_both_roots(size, data):
    old, leaves = data.draw(st.integers(1, size)), leaves_of(size)
    assert consistency_path(leaves, old) == subproof(old, leaves)
    check_consistency(old, mth(leaves[:old]), size, mth(leaves), subproof(old, leaves))


@given(sizes, st.data())
def test_another_implementation_believes_our_paths(size, data):
    index, leaves = data.draw(st.integers(0, size - 1)), leaves_of(size)
    proof = tree_of(size).prove_inclusion(index + 1)
    proof.path = [leaves[index], *inclusion_path(leaves, index)]
    pymerkle.verify_inclusion(leaves[index], Frontier(leaves).root(), proof, index=index + 1, size=size)


# -- what is refused --------------------------------------------------------------------------------------------------


@given(sizes, st.data())
def test_an_entry_at_another_place_is_refused(size, data):
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    if other == index:
        other += 1
    with pytest.raises(LedgerRefused):
        check_inclusion(leaves[index], other, size, inclusion_path(leaves, index), mth(leaves))


@given(sizes.filter(lambda size: size > 1), st.data())
def test_an_altered_history_is_refused(size, data):
    leaves, old = leaves_of(size), data.draw(st.integers(1, size - 1))
    altered = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:altered], A, *leaves[altered + 1 :]]
    with pytest.raises(LedgerRefused):
        check_consistency(old, mth(leaves[:old]), size, mth(forged), consistency_path(forged, old))


@pytest.mark.parametrize("index", [-1, 7])
def test_a_tree_proves_no_entry_that_it_does_not_have(index):
    with pytest.raises(LedgerRefused, match="has no entry"):
        inclusion_path(LEAVES, index)


@pytest.mark.parametrize("old", [-1, 0, 8])
def test_a_log_did_not_come_from_nothing_nor_from_a_larger_one(old):
    with pytest.raises(LedgerRefused, match="cannot have become"):
        consistency_path(LEAVES, old)


TALLER = node_hash(B, mth(LEAVES))
"""A root that a log could sign, of a tree that is higher than one of seven entries."""


def test_a_path_of_an_entry_that_is_longer_than_its_tree_is_high_is_refused():
    with pytest.raises(LedgerRefused, match="longer than its tree"):
        check_inclusion(A, 0, 7, [B, H, L, B], TALLER)


def test_a_path_of_an_older_tree_that_is_longer_than_the_new_one_is_high_is_refused():
    with pytest.raises(LedgerRefused, match="longer than its tree"):
        check_consistency(4, node_hash(B, K), 7, TALLER, [L, B])


@pytest.mark.parametrize(("root", "steps"), [(A, []), (mth(LEAVES), [A])], ids=["another root", "a path"])
def test_two_logs_of_one_size_are_the_same_or_refused(root, steps):
    with pytest.raises(LedgerRefused, match="one root"):
        check_consistency(7, mth(LEAVES), 7, root, steps)


def test_a_log_that_has_grown_needs_a_path():
    with pytest.raises(LedgerRefused, match="empty"):
        check_consistency(3, mth(LEAVES[:3]), 7, mth(LEAVES), [])
