from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import DeviceStateDiffers, SavedState
from qcompat.portrait.portrait import Portrait
from qcompat.rules.virtio.virtio_state_changed import find

LONG, SHORT, SHORTER = bytes(60), bytes(16), bytes(12)
IDSTR = "0000:00:01.0/virtio-mem"


@pytest.mark.parametrize(
    ("source", "target", "is_found"),
    [(LONG, SHORT, True), (SHORT, LONG, True), (SHORT, SHORTER, False), (LONG, bytes(61), False)],
)
def test_a_state_in_another_layout_is_refused_unless_neither_is_known(
    source: bytes, target: bytes, is_found: bool, recording: Callable[[str], Portrait]
) -> None:
    portrait = recording("rng@7.2.22")
    differs = DeviceStateDiffers(source=SavedState(source), target=SavedState(target), idstr=IDSTR)
    found = list(find(Comparison(portrait, portrait, (differs,))))
    assert bool(found) == is_found
    assert all(each.promise == "loads" and each.certainty == "certain" for each in found)


_NET = bytes(545)
_OFFLOADS = 1 << 2
_RSS = b"\x05\x15virtio-net-device/rss" + bytes(60)


@pytest.mark.parametrize(
    ("source", "agreed", "is_found"),
    [
        (_NET + bytes(8), _OFFLOADS, False),
        (_NET + bytes(8), 0, True),
        (_NET + bytes(8) + _RSS, _OFFLOADS, False),
        (_NET + bytes(12) + _RSS, _OFFLOADS, True),
    ],
)
def test_what_a_driver_agreed_to_is_no_other_configuration(
    source: bytes, agreed: int, is_found: bool, recording: Callable[[str], Portrait]
) -> None:
    """A booted guest sends its offloads, its paused twin does not; a migration loads both."""
    portrait = recording("rng@7.2.22")
    differs = DeviceStateDiffers(
        source=SavedState(source, agreed), target=SavedState(_NET), idstr="0000:00:02.0/virtio-net"
    )
    there = Comparison(portrait, portrait, (differs,))
    assert bool(list(find(there))) == is_found
    assert bool(list(find(there.swapped()))) == is_found


@pytest.mark.parametrize(
    ("source", "target", "is_found"),
    [
        (b"\0\2\0\2" + bytes(4), b"\0\2\0\1", False),
        (b"\0\4\0\4" + bytes(12), b"\0\4\0\1", False),
        (b"\0\2\0\2" + bytes(8), b"\0\2\0\1", True),
        (b"\0\2\0\2" + bytes(4), b"", True),
    ],
)
def test_queues_that_a_driver_turned_on_are_no_other_configuration(
    source: bytes, target: bytes, is_found: bool, recording: Callable[[str], Portrait]
) -> None:
    """A booted guest uses all pairs of queues, its paused twin the first."""
    portrait = recording("rng@7.2.22")
    differs = DeviceStateDiffers(
        source=SavedState(_NET + source),
        target=SavedState(_NET + target),
        idstr="0000:00:02.0/virtio-net",
    )
    assert bool(list(find(Comparison(portrait, portrait, (differs,))))) == is_found
