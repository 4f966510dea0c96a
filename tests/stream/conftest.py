"""Recordings of real streams, decompressed once a session.

`debian-BUILD-MACHINE-WHAT.mig.zst` is the stream of a paused guest of 16 MiB without firmware
code (an empty image stands in for the BIOS), saved by that Debian build: WHAT is `virtio` (nine
virtio devices, e1000e behind a root port), `legacy` (VGA, e1000, UHCI, virtio-blk, 2 CPUs),
`express` (virtio-blk with queue-size=256 behind a root port), `mmio` (virtio-blk on a microvm),
`shared` (capabilities x-ignore-shared and validate-uuid) or
`booted` (SeaBIOS booted from virtio-blk with queue-size=512; written again without memory).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import zstandard

from qcompat.stream.model import Stream
from qcompat.stream.reader.whole import read

DATA = Path(__file__).parents[1] / "data" / "streams"
BUILDS = ("5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3")
RECORDINGS = tuple(sorted(path.name.removesuffix(".mig.zst") for path in DATA.glob("*.mig.zst")))


@cache
def recording(name: str) -> bytes:
    """The bytes of the stream that was recorded under `name`."""
    return zstandard.ZstdDecompressor().decompress(
        (DATA / f"{name}.mig.zst").read_bytes(), max_output_size=1 << 24
    )


@cache
def recorded(name: str) -> Stream:
    """What `read` makes of that recording."""
    return read(recording(name))
