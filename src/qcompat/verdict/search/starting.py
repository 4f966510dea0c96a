"""A guest that the target does not start: which of its own settings have to be left out.

What the guest sets and the target's types do not have is known beforehand; where the target
objects to a value, every setting of the guest's devices is a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.arch.architecture import Architecture, architecture_of
from qcompat.guest.global_property import read_global
from qcompat.guest.guest import Guest
from qcompat.guest.option import parse_fields
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.device_line import device_options
from qcompat.remedy.places import GUEST, HOST_SIDE, OFF_TREE
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import feature_name
from qcompat.verdict.search.attempts import Asking, Attempts, Settings
from qcompat.verdict.search.cost import Judged
from qcompat.verdict.search.minimise import minimise

_PLACING = HOST_SIDE | {"addr", "chassis", "slot", "port", "multifunction", "mac", "type"}


async def made_to_start(guest: Guest, properties: BuildProperties, attempts: Attempts) -> Settings:
    """The fewest of its settings to leave out so that the guest starts; empty if that is no use."""
    every = tuple(_removals(guest))
    foreign = tuple(each for each in every if _is_foreign(each, properties))
    for pool in (foreign, every):
        if pool and (await attempts.judge(pool))[0].starts:
            search: Asking = minimise(pool)
            found = await attempts.race({GUEST: search}, _starts)
            return found[GUEST]
    return ()


def _starts(place: str, found: Judged) -> bool:  # noqa: ARG001 - the whole guest starts or not
    return found.starts


def _is_foreign(setting: Setting, properties: BuildProperties) -> bool:
    """Whether no type that it means has such a property on the target."""
    if setting.reach == "machine":
        return bool(properties.machine) and setting.name not in properties.machine
    if setting.reach == "cpu":
        names = {feature_name(name) for name in properties.types.get(setting.driver, {})}
        return bool(names) and feature_name(setting.name) not in names
    if setting.reach == "type":
        meant = properties.reaches.get(setting.driver, frozenset({setting.driver}))
        return any(not properties.has(type_, setting.name) for type_ in meant)
    return not properties.has(setting.driver, setting.name)


def _removals(guest: Guest) -> Iterator[Setting]:
    """Everything that the guest sets and could do without, as settings that take it away."""
    for place, fields in device_options(guest.arguments):
        given = dict(fields)
        for name, value in fields:
            if name not in _PLACING:
                path = f"{OFF_TREE}{place}"
                yield Setting(given.get("driver", ""), name, value, "device", path, removes=True)
    architecture = architecture_of(guest.machine)
    for option, value in zip(guest.arguments, guest.arguments[1:], strict=False):
        yield from _of_option(option, value, architecture)


def _of_option(option: str, value: str, architecture: Architecture) -> Iterator[Setting]:
    if option == "-global":
        set_ = read_global(value)
        yield Setting(set_.driver, set_.name, set_.value, "type", removes=True)
    elif option == "-machine":
        fields = parse_fields(value, "type")
        driver = f"{dict(fields).get('type', '')}-machine"
        for name, given in fields:
            if name not in _PLACING and not name.startswith("memory-backend"):
                yield Setting(driver, name, given, "machine", removes=True)
    elif option == "-cpu":
        model, *features = value.split(",")
        cpu = architecture.cpu_type(model)
        for each in features:
            yield Setting(cpu, feature_name(each), each, "cpu", removes=True)
