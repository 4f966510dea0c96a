"""The search on real portraits: what it tries, what it keeps, and what it says when it ends.

The target here is not a QEMU but the recorded portraits of one: which of them is shown depends on
the settings, as it would on the build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from qcompat.portrait.portrait import Portrait, Refusal
from qcompat.remedy.build_properties import BuildProperties, Properties, PropertyInfo
from qcompat.verdict.goal import Goal
from qcompat.verdict.remedy import Spent
from qcompat.verdict.search.attempts import Settings
from qcompat.verdict.search.search import Found, search

Recording = Callable[[str], Portrait]
Answer = Callable[[Settings], Portrait | None]


class Recorded:
    """Shows a recorded portrait for each set, and counts; spent after `most` sets."""

    def __init__(self, answer: Answer, most: int = 200) -> None:
        self._answer = answer
        self._most = most
        self.asked: list[Settings] = []

    @property
    def spent(self) -> Spent | None:
        return Spent("attempts", self._most) if len(self.asked) >= self._most else None

    async def __call__(self, sets: Sequence[Settings]) -> Sequence[Portrait | None]:
        shown: list[Portrait | None] = []
        for settings in sets:
            shown.append(None if self.spent else self._answer(settings))
            self.asked.append(settings)
        return shown


def _names(settings: Settings) -> set[str]:
    return {f"{each.name}={each.value}" for each in settings}


def _offered(portrait: Portrait, **more: str) -> BuildProperties:
    """Every property that the portrait's devices show, and more for the disk."""
    types: dict[str, Properties] = {}
    for device in portrait.devices:
        inner = [d for d in portrait.devices if d.path.startswith(f"{device.path}/virtio-bus/")]
        names = {name for each in (device, *inner) for name in each.properties}
        types[device.type] = {name: PropertyInfo(name, _kind(name)) for name in sorted(names)}
    disk = types["virtio-blk-pci"]
    added = {name: PropertyInfo(name, kind) for name, kind in more.items()}
    types["virtio-blk-pci"] = {**disk, **added}
    return BuildProperties(types)


def _kind(name: str) -> str:
    return "uint16" if name in ("num-queues", "queue-size", "vectors") else "str"


async def _search(
    source: Portrait,
    target: Portrait,
    properties: BuildProperties,
    recorded: Recorded,
    goal: Goal = "loads",
) -> Found:
    found, _ = await search(source, target, properties, recorded, goal)
    return found


async def test_the_one_value_that_matters_is_restored(recording: Recording) -> None:
    source, target = recording("blk-two-queues@7.2.22"), recording("blk@7.2.22")

    def shows(settings: Settings) -> Portrait:
        return source if "num-queues=2" in _names(settings) else target

    recorded = Recorded(shows)
    found = await _search(source, target, _offered(target), recorded, "unchanged")
    assert _names(found.settings) == {"num-queues=2"}
    assert all(each.restores for each in found.settings)
    assert found.after.costs == {}


async def test_size_that_a_finding_names_is_tried_where_nothing_differs(
    recording: Recording,
) -> None:
    source, target = recording("blk@10.0.13"), recording("blk@11.1.3")
    large = _with_queue_size(target, 1024)

    def shows(settings: Settings) -> Portrait:
        return large if "queue-size=1024" in _names(settings) else target

    found = await _search(source, target, _offered(target), Recorded(shows))
    assert _names(found.settings) == {"queue-size=1024"}
    assert not any(each.restores for each in found.settings)
    assert found.before.total > found.after.total


def _with_queue_size(portrait: Portrait, size: int) -> Portrait:
    """As the build shows it with larger queues: what it offers decides what it allocates."""
    virtio = tuple(
        msgspec.structs.replace(each, queue_sizes=tuple(size for n in each.queue_sizes if n))
        for each in portrait.virtio
    )
    return msgspec.structs.replace(portrait, virtio=virtio)


async def test_nothing_is_claimed_where_nothing_helps(recording: Recording) -> None:
    source, target = recording("blk@10.0.13"), recording("blk@11.1.3")
    recorded = Recorded(lambda settings: target)  # noqa: ARG005
    found = await _search(source, target, _offered(target, packed="bool"), recorded)
    assert found.settings == ()
    assert found.spent is None
    tried = {name for settings in recorded.asked for name in _names(settings)}
    assert {"packed=on", "packed=off"} & tried


async def test_search_that_is_cut_short_says_so(recording: Recording) -> None:
    source, target = recording("blk@10.0.13"), recording("blk@11.1.3")
    recorded = Recorded(lambda settings: target, most=1)  # noqa: ARG005
    found = await _search(source, target, _offered(target, packed="bool"), recorded)
    assert found.settings == ()
    assert found.spent


async def test_candidate_that_the_target_refuses_is_dropped(recording: Recording) -> None:
    source, target = recording("blk@10.0.13"), recording("blk@11.1.3")
    large = _with_queue_size(target, 1024)
    properties = _offered(target, **{"other-size": "uint16"})
    other = BuildProperties({**properties.types})

    def shows(settings: Settings) -> Portrait:
        if any(each.name != "queue-size" for each in settings):
            message = f"Invalid {next(s.name for s in settings if s.name != 'queue-size')}"
            return msgspec.structs.replace(target, refusal=Refusal("start", message), stream=None)
        return large if settings else target

    found = await _search(source, target, other, Recorded(shows))
    assert _names(found.settings) == {"queue-size=1024"}


async def test_property_the_target_does_not_have_is_left_out(recording: Recording) -> None:
    source = recording("blk@7.2.22")
    line = "virtio-blk-pci,drive=d0,addr=8,vectors=2,num-queues=1,gone=on"
    arguments = (*source.guest.arguments[:-1], line)
    guest = msgspec.structs.replace(source.guest, arguments=arguments)
    source = msgspec.structs.replace(source, guest=guest)
    refusal = Refusal("start", "Property 'virtio-blk-pci.gone' not found")
    target = msgspec.structs.replace(source, refusal=refusal, stream=None, devices=())

    def shows(settings: Settings) -> Portrait:
        return source if "gone=on" in _names(settings) else target

    found = await _search(source, target, _offered(source), Recorded(shows), "unchanged")
    (only,) = found.settings
    assert only.name == "gone"
    assert only.removes
    assert found.after.starts


@pytest.mark.parametrize("name", ["virtio-blk-pci", "no-such-device"])
def test_an_unknown_type_is_taken_to_have_a_property(name: str) -> None:
    properties = BuildProperties({"virtio-blk-pci": {"x": PropertyInfo("x", "bool")}})
    assert properties.has(name, "x")
    assert not properties.has("virtio-blk-pci", "y")


def test_choices_are_those_that_the_build_tells() -> None:
    assert PropertyInfo("x", "bool").choices == ("on", "off")
    assert PropertyInfo("x", "OnOffAuto", description="on/off/auto").choices == (
        "on",
        "off",
        "auto",
    )
    assert PropertyInfo("x", "str", description="a path such as /dev/x").choices == ()
