"""Sets of contacts, and the nodes of a compiled condition that give them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from attrs import frozen

from segmentkit.engines.columnar.arrays import Array, Codes, Mask, unique_codes
from segmentkit.engines.columnar.chains import Chain
from segmentkit.engines.columnar.plain import Test
from segmentkit.engines.columnar.scratch import Scratch

# A set of fewer contacts than one in so many is kept as codes.
SPARSE = 8


@frozen(eq=False)
class Only:
    """The contacts of some codes, ascending."""

    codes: Codes


@frozen(eq=False)
class AllBut:
    """Everyone except the contacts of some codes, ascending."""

    codes: Codes


@frozen(eq=False)
class Marked:
    """The contacts where a mask holds."""

    mask: Mask


Set: TypeAlias = Only | AllBut | Marked

NO_ONE = Only(np.zeros(0, np.int32))


def marked(mask: Mask, scratch: Scratch) -> Set:
    """The set of a mask, as codes where they are few."""
    if np.count_nonzero(mask) * SPARSE < len(mask):
        return Only(scratch.codes(mask))
    return Marked(mask)


def as_mask(members: Set, size: int) -> Mask:
    match members:
        case Marked():
            return members.mask
        case Only():
            mask = np.zeros(size, np.bool_)
            mask[members.codes] = True
            return mask
        case AllBut():
            mask = np.ones(size, np.bool_)
            mask[members.codes] = False
            return mask


def as_codes(members: Set, scratch: Scratch) -> Codes:
    if isinstance(members, Only):
        return members.codes
    return scratch.codes(as_mask(members, scratch.size))


def holds_at(members: Set, codes: Array, scratch: Scratch) -> Mask:
    """For each code whether it is in the set."""
    match members:
        case Marked():
            return members.mask.take(codes)
        case Only():
            return scratch.contained(codes, members.codes)
        case AllBut():
            return ~scratch.contained(codes, members.codes)


def inverse(members: Set, scratch: Scratch) -> Set:
    match members:
        case Marked():
            return marked(~members.mask, scratch)
        case Only():
            return AllBut(members.codes)
        case AllBut():
            return Only(members.codes)


def union(sets: list[Set], size: int) -> Set:
    few = [s.codes for s in sets if isinstance(s, Only)]
    if len(few) == len(sets) and sum(map(len, few)) * SPARSE < size:
        return Only(unique_codes(np.concatenate(few))) if few else NO_ONE
    mask = np.zeros(size, np.bool_)
    for members in sets:
        if isinstance(members, Only):
            mask[members.codes] = True
        else:
            mask |= as_mask(members, size)
    return Marked(mask)


# --- nodes --------------------------------------------------------------------------------------


@frozen(eq=False)
class Leaf:
    """A test of values of the contact and of measures."""

    test: Test


@frozen(eq=False)
class Every:
    items: tuple[Node, ...]


@frozen(eq=False)
class Some:
    items: tuple[Node, ...]


@frozen(eq=False)
class Complement:
    operand: Node


@frozen(eq=False)
class Asked:
    """
    What the interpreter is asked, of few contacts.

    Attributes:
        candidates: everyone who can pass.
        number: which of the conditions given to the interpreter it is.
    """

    candidates: Node
    number: int


@frozen(eq=False)
class Sequence:
    """Who takes the steps of a chain."""

    chain: Chain


Node: TypeAlias = Leaf | Every | Some | Complement | Sequence | Asked
