"""What the guest's kernel says of its devices, line by line: virtio, disks, cards, memory."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.trial.live.checks.told import number, told
from qcompat.trial.live.report import Report
from qcompat.trial.trial import Check

# Directory of the report, what the check is called, what one of it is.
_KINDS = (
    ("virtio", "virtio devices", "device"),
    ("disk", "disks", "disk"),
    ("net", "network cards", "card"),
)


def check_facts(before: Report, after: Report) -> Iterator[Check]:
    for directory, what, noun in _KINDS:
        ours, theirs = before.below(directory), after.below(directory)
        if ours or theirs:
            differences = [
                difference
                for name in sorted(ours.keys() | theirs.keys())
                for difference in _device(name, ours.get(name), theirs.get(name))
            ]
            yield told(what, differences, number(len(ours), noun))
    yield _memory_map(before, after)


def _device(name: str, before: bytes | None, after: bytes | None) -> Iterator[tuple[str, str, str]]:
    if before is None or after is None:
        yield name, _presence(before), _presence(after)
        return
    ours, theirs = _pairs(before), _pairs(after)
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key, "absent"), theirs.get(key, "absent")
        if one == other:
            continue
        one, other = _features(one, other) if key == "features" else (one, other)
        yield f"{name} {key}", one, other


def _features(before: str, after: str) -> tuple[str, str]:
    """The kernel writes a digit a bit, bit 0 first; told are the bits that only one end has."""
    ours, theirs = ({bit for bit, on in enumerate(text) if on == "1"} for text in (before, after))
    return _bits(ours - theirs), _bits(theirs - ours)


def _bits(bits: set[int]) -> str:
    return f"with bit {' '.join(str(bit) for bit in sorted(bits))}" if bits else "without"


def _pairs(data: bytes) -> dict[str, str]:
    lines = data.decode(errors="replace").splitlines()
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def _presence(data: bytes | None) -> str:
    return "absent" if data is None else "present"


def _memory_map(before: Report, after: Report) -> Check:
    ours, theirs = (report.text("iomem").splitlines() for report in (before, after))
    gone = [(line.strip(), "", "absent") for line in ours if line not in theirs]
    new = [(line.strip(), "absent", "") for line in theirs if line not in ours]
    return told("memory map", [*gone, *new], number(len(ours), "range"))
