"""How a build holds a mark, asked of real portraits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.lineage.event import How
from qcompat.lineage.marks import marks_on, to_set
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.setting import Reach, Setting


@pytest.mark.parametrize(
    ("key", "name", "value", "how"),
    [
        ("port@10.0.13", "x-pcie-err-unc-mask", "on", "set"),
        ("port@10.0.13", "x-pcie-err-unc-mask", "off", "default"),
        ("port@7.2.22", "x-pcie-err-unc-mask", "on", "absent"),
    ],
)
def test_a_property_of_a_device(
    key: str, name: str, value: str, how: How, recording: Callable[[str], Portrait]
) -> None:
    plain = recording(key)
    port = next(d for d in plain.devices if d.type == "pcie-root-port")
    by_path = Setting(port.type, name, value, "device", port.path)
    by_type = Setting(port.type, name, value, "type")
    by_parent = Setting("pci-device", name, value, "type")
    for setting in (by_path, by_type, by_parent):
        (held,) = marks_on([setting], plain)
        assert held.how == how
        assert to_set([held]) == ((setting,) if how == "set" else ())


def test_a_virtio_device_is_asked_through_its_proxy(recording: Callable[[str], Portrait]) -> None:
    plain = recording("blk@11.1.3")
    proxy = next(d for d in plain.devices if d.type == "virtio-blk-pci")
    settings = [
        Setting(proxy.type, "queue-size", size, "device", proxy.path) for size in ("1024", "256")
    ]
    assert [held.how for held in marks_on(settings, plain)] == ["set", "default"]


@pytest.mark.parametrize("reach", ["machine", "argument"])
def test_what_no_portrait_shows_is_always_said(
    reach: Reach, recording: Callable[[str], Portrait]
) -> None:
    (held,) = marks_on([Setting("-smp", "", "4", reach)], recording("blk@11.1.3"))
    assert held.how == "set"
