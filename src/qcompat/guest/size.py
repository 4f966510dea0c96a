"""Sizes as QEMU spells them: `4G`, `512`, `0x1000`, `1.5M`, with 1024 as the step.

Source: `util/cutils.c`, do_strtosz.
"""

from __future__ import annotations

import re

_UNITS: dict[str, int] = {unit: 1 << 10 * power for power, unit in enumerate("BKMGTPE")}
_PATTERN = re.compile(r"(0x[0-9a-f]+|\d+(?:\.\d*)?)([bkmgtpe]?)", re.IGNORECASE)
_MOST_DIGITS = 30
"""More than any size has; longer ones are not worth a conversion."""


def parse_size(text: str, unit: str = "B") -> int | None:
    """Bytes; a number without a suffix counts in `unit`. None: not a size."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None or len(match[1]) > _MOST_DIGITS:
        return None
    number, suffix = match.groups()
    scale = _UNITS[(suffix or unit).upper()]
    if number.lower().startswith("0x"):
        return int(number, 16) * scale
    return int(float(number) * scale) if "." in number else int(number) * scale


def format_size(size: int) -> str:
    """The shortest spelling: 4 GiB is `4G`, not `4096M`."""
    for unit in "EPTGMK":
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return f"{size}B"
