from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.machine.ask.types import ALL_SECONDS, ask_types
from qcompat.machine.model import TypeFact
from qcompat.portrait.portrait import Accel

pytestmark = pytest.mark.lab
VERSIONS = ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"]


def _build(builds: Mapping[str, Build], version: str) -> Build:
    return builds[version] if version in builds else pytest.skip(f"no build of {version}")


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_device_of_a_build_tells_its_properties(
    builds: Mapping[str, Build], accel: Accel, version: str
) -> None:
    began = time.monotonic()
    types, lost = await ask_types(_build(builds, version), accel)
    assert time.monotonic() - began < ALL_SECONDS
    devices = [fact for fact in types.values() if "device" in fact.ancestors]
    silent = {fact.name for fact in devices if not (fact.is_abstract or fact.properties)}
    assert len(devices) > 500
    assert len(silent.intersection(lost)) == len(
        [n for n in lost if n in {d.name for d in devices}]
    )
    _assert_tree(types)


def _assert_tree(types: Mapping[str, TypeFact]) -> None:
    blk = types["virtio-blk-pci"]
    assert blk.ancestors[:5] == (
        "virtio-blk-pci-base",
        "virtio-pci",
        "pci-device",
        "device",
        "object",
    )
    assert "pci-express-device" in blk.ancestors
    assert types["pci-device"].is_abstract
    assert not types["pci-device"].properties
    assert blk.properties["num-queues"] == "65535"
    assert blk.properties["event_idx"] == "on"
    assert "virtio-backend" not in blk.properties
    assert blk.properties["drive"] is None


async def test_a_type_that_ends_the_process_is_lost_alone(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    types, lost = await ask_types(_build(builds, "7.2.22"), accel)
    assert "missing object type 'virtio-gpu-gl-device'" in lost["virtio-gpu-gl-pci"]
    assert "virtio-vga-gl" in lost
    assert not types["virtio-gpu-gl-pci"].properties
    assert types["virtio-gpu-pci"].properties["edid"] == "on"
