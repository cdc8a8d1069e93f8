"""Overlap: several detectors, one ring. Who belongs to two rings stays in both.

Two raised groups are one ring from a Jaccard index of ``same_ring`` on their members, or where four
fifths of one lie within the other. The more particular one stands: a kind with a detector of its
own before one that is only a group that meets, within one family the whole before its part (a team
of a cohort says less than the cohort), then the more probable, then the larger. The others are kept
in ``not_raised`` with what they are part of, and their signs are shown with the ring's, weighing
nothing a second time.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from detectors.candidates import CONTAINED, Groups
from detectors.world import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """``stands``: the raised groups that are rings; ``part_of``: for the others the ring, or −1."""

    stands: NDArray[np.bool_]
    part_of: Ints


def overlap(
    groups: Groups, raised: NDArray[np.bool_], probability: Floats, *, jaccard: float
) -> Overlap:
    """Say which raised groups are rings of their own; greedy from the group that stands first."""
    held = _membership(groups)
    size = np.asarray(held.sum(axis=1)).ravel()
    chosen = np.flatnonzero(raised)
    own_kind = groups.kind[chosen] != ""
    order = chosen[np.lexsort((chosen, -size[chosen], -probability[chosen], ~own_kind))]
    both = (held @ held.T).tocsr()
    stands, part_of = raised.copy(), np.full(len(groups), -1, np.int64)
    for gid in order:
        if not stands[gid]:
            continue
        row = slice(both.indptr[gid], both.indptr[gid + 1])
        other, shared = both.indices[row].astype(np.int64), both.data[row]
        whole = stands[other] & (size[other] > size[gid]) & (shared / size[gid] >= CONTAINED)
        whole &= groups.family[other] == groups.family[gid]
        if whole.any():
            stands[gid] = False
            part_of[gid] = other[whole][np.argmax(size[other[whole]])]
            continue
        union = size[gid] + size[other] - shared
        same = (shared / union >= jaccard) | (
            shared / np.minimum(size[gid], size[other]) >= CONTAINED
        )
        weaker = other[same & (other != gid) & stands[other]]
        stands[weaker] = False
        part_of[weaker] = gid
    for gid in order[::-1]:  # what a part belongs to may itself be part of another
        while part_of[gid] >= 0 and part_of[part_of[gid]] >= 0:
            part_of[gid] = part_of[part_of[gid]]
    return Overlap(stands=stands, part_of=part_of)


def _membership(groups: Groups) -> csr_array:
    """Return groups × members: persons, or for groups without persons everything else."""
    found = groups.found
    gid, member = [found.gid], [found.person.astype(np.int64)]
    others = found.others
    if others is not None and others.num_rows:
        number = others["gid"].to_numpy()
        alone = np.bincount(found.gid, minlength=len(groups))[number] == 0
        named = pa.array(
            [
                f"{kind} {name}"
                for kind, name in zip(
                    others["entity_type"].to_pylist(), others["entity_id"].to_pylist(), strict=True
                )
            ],
            pa.string(),
        ).dictionary_encode()
        code = named.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        first = int(found.person.max(initial=-1)) + 1
        gid.append(number[alone])
        member.append(first + code[alone])
    rows, columns = np.concatenate(gid), np.concatenate(member)
    shape = (len(groups), int(columns.max(initial=-1)) + 1)
    held = coo_array((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
    held.data[:] = 1.0
    return held
