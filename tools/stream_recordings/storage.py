"""Where recordings are kept, and how: compressed by zstd at its level 19."""

from __future__ import annotations

from pathlib import Path

import zstandard

PLACE = Path(__file__).parents[2] / "tests" / "data" / "streams"


def keep(content: bytes, path: Path) -> None:
    """Write a recording, and print how large it is."""
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(content))
    sizes = f"{len(content):,} bytes, {path.stat().st_size:,} compressed"
    print(f"{path.name}: {sizes}", flush=True)
