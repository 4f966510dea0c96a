"""The size of memory, and the part of `-overcommit` that the guest sees.

`-m 4G` and `-m 4096` make one guest, so sizes are written in one way. `cpu-pm` lets the guest
see MWAIT (target/i386/host-cpu.c); the guest does not see whether memory is locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.errors import GuestError
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option, format_size, parse_size
from qcompat.guest.stand_ins.replaced import Replaced, each


def replace(options: Sequence[Option]) -> Replaced:
    """The options with sizes spelt in one way."""
    return each(options, _change)


def _change(option: Option) -> Iterable[Option | Uncovered]:
    if option.name == "m":
        yield option.having(tuple((key, _spelt(option, key, v)) for key, v in option.pairs))
    elif option.name == "overcommit":
        yield option.only("cpu-pm")
    else:
        yield option


def _spelt(option: Option, key: str, value: str) -> str:
    """A bare number is MiB for `size`, bytes for `maxmem` (system/vl.c, parse_memory_options)."""
    if key not in {"size", "maxmem"}:
        return value
    size = parse_size(value, "M" if key == "size" else "B")
    if size is None:
        raise GuestError(f"{option.written}: {value} is not a size", "write 4G or 4096")
    return format_size(size)
