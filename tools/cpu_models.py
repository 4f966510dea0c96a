"""Recovers the tables of CPU features and models from the builds registered on this machine.

    python -m tools.cpu_models --libvirt LIBVIRT/src/cpu_map

Writes `names.json` (features, aliases, settings, libvirt's spellings) and `models.json`
(what each versioned model is made of under KVM, its vendor under TCG, plain names) of
`qcompat.hosts.cpu`. Names are asked of the builds, aliases tried on them; nothing is typed by hand.
A later build's definition wins over an earlier one's of the same model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import fromstring

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.hosts.ask.answers import NESTED, VALUES
from qcompat.hosts.ask.build import feature_names
from qcompat.hosts.cpu.models import is_versioned
from qcompat.qemu.cpu_model import expand
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from tools.builds import registered

CPU = Path(__file__).parents[1] / "src" / "qcompat" / "hosts" / "cpu"


def main() -> None:
    """Ask every registered build, oldest first, and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--libvirt", type=Path, required=True, help="libvirt's src/cpu_map")
    given = parser.parse_args()
    found = asyncio.run(gather(registered()))
    names = found["names"] | {"libvirt": libvirt_names(given.libvirt, found["names"])}
    write(CPU / "features" / "names.json", names)
    write(CPU / "models.json", found["models"])


async def gather(builds: Sequence[Build]) -> dict[str, Any]:
    """The names and definitions of all builds together."""
    features: set[str] = set()
    settings: set[str] = set()
    aliases: dict[str, str] = {}
    models: dict[str, dict[str, Any]] = {}
    plain: dict[str, str] = {}
    vendors: dict[str, str] = {}
    for build in builds:
        async for qemu in running(build, "tcg"):
            for name in await listed(qemu):
                vendors[name] = str((await expand(qemu, name)).get("vendor", ""))
        async for qemu in running(build, "kvm"):
            ours, other = await sorted_names(qemu, "max")
            features |= ours
            for name in sorted(other - aliases.keys() - settings):
                target = await alias_of(qemu, name, ours)
                if target:
                    aliases[name] = target
                else:
                    settings.add(name)
            plain |= await plain_names(qemu)
            for name in filter(is_versioned, await listed(qemu)):
                models[name] = await model(qemu, name, features, vendors.get(name, ""))
    names = {
        "features": sorted(features),
        "aliases": dict(sorted(aliases.items())),
        "settings": sorted(settings - features),
    }
    return {
        "names": names,
        "models": {"models": dict(sorted(models.items())), "aliases": dict(sorted(plain.items()))},
    }


async def running(build: Build, accel: str) -> AsyncIterator[Qemu]:
    arguments = ["-accel", accel, "-machine", "none"]
    async with launch(command(build, kvm=accel == "kvm"), arguments) as qemu:
        yield qemu


async def sorted_names(qemu: Qemu, name: str) -> tuple[set[str], set[str]]:
    """The features, and the other boolean properties."""
    ours = set(await feature_names(qemu, name))
    props = await expand(qemu, name)
    return ours, {key for key, value in props.items() if isinstance(value, bool)} - ours


async def alias_of(qemu: Qemu, name: str, features: set[str]) -> str | None:
    """The feature that changes together with the property, in a model that has none of them.

    A setting may change several features, or none.
    """
    without: dict[str, Any] = {}
    with_it: dict[str, Any] = {}
    for value, into in ((False, without), (True, with_it)):
        try:
            into |= await expand(qemu, "base", {**NESTED, name: value})
        except CommandError:
            return None
    changed = [key for key in features if without.get(key) != with_it.get(key)]
    return changed[0] if len(changed) == 1 else None


async def listed(qemu: Qemu) -> list[str]:
    return sorted(each["name"] for each in await qemu.execute("query-cpu-definitions"))


async def plain_names(qemu: Qemu) -> dict[str, str]:
    definitions = await qemu.execute("query-cpu-definitions")
    return {each["name"]: each["alias-of"] for each in definitions if "alias-of" in each}


async def model(qemu: Qemu, name: str, features: set[str], vendor: str) -> dict[str, Any]:
    plain, nested = await expand(qemu, name), await expand(qemu, name, NESTED)
    on = {key for key in features if plain.get(key) is True}
    more = {key for key in features if nested.get(key) is True} - on - NESTED.keys()
    values = {key: plain[key] for key in VALUES if key in plain} | {"vendor": vendor}
    return {"features": " ".join(sorted(on)), "nested": " ".join(sorted(more)), "values": values}


def libvirt_names(cpu_map: Path, names: Mapping[str, Any]) -> dict[str, str]:
    """The spelling of libvirt for each of QEMU's features that it knows."""
    found: dict[str, str] = {}
    root = fromstring((cpu_map / "x86_features.xml").read_bytes())
    for feature in root.iter("feature"):
        theirs = feature.get("name", "")
        spellings = [theirs, *(alias.get("name", "") for alias in feature.iter("alias"))]
        for spelling in spellings:
            ours = names["aliases"].get(spelling, spelling)
            if ours in names["features"]:
                found[ours] = theirs
    return dict(sorted(found.items()))


def write(path: Path, table: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
