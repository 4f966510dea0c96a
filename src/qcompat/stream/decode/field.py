"""The noun of this package: a field of a section with its value and what the value means."""

from __future__ import annotations

import msgspec

from qcompat.stream.layout import Scalar


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field of a section, or one part of a value that was taken apart.

    `path` is `vq[0].num`; a part has the path that its own value gives it, `queue 0/size`.
    `type` is QEMU's name for a field's encoding; of a part `u16 little-endian`, `bytes`,
    `structure` and the like. `offset` is the place in the file, `size` the bytes of one element,
    `count` the elements. `value` is None where `parts` are all there is, bytes where it has no
    meaning. `meaning` is the value as text (a register's name, flags, a time). The parts of a value
    cover all its bytes in order. `is_opaque` marks bytes that no decoder can take apart.
    """

    path: str
    type: str
    offset: int
    size: int
    count: int = 1
    value: Scalar | tuple[Scalar, ...] = None
    meaning: str = ""
    parts: tuple[Field, ...] = ()
    is_opaque: bool = False
