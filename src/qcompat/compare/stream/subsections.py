"""Subsections: parts of a state that are sent only when they are needed.

Found where a section's contents are compared (`layout`, `virtio`).
"""

from __future__ import annotations

from qcompat.compare.difference import Difference
from qcompat.stream.layout import Leaf

Leaves = tuple[Leaf, ...]


class SubsectionOneSided(Difference[Leaves], frozen=True, kw_only=True):
    """A subsection that one end sent and the other did not; the absent one has no leaves.

    `name` is the subsection's own (`cpu/xcrs`), `path` where in the section it stands.
    """

    idstr: str
    instance_id: int
    path: str
    name: str


class SubsectionVersionDiffers(Difference[int], frozen=True, kw_only=True):
    """Both ends sent a subsection, in different versions."""

    idstr: str
    instance_id: int
    name: str
