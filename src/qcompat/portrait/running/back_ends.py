"""Asking a QEMU which back ends there are now: networks, character devices, disks, objects.

QEMU tells most of each, not all: what it does not tell of one is said where its option is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from qcompat.errors import CommandError
from qcompat.portrait.running.observed import BackEnds, BlockNode, Value
from qcompat.portrait.running.peripherals import CHILD, OBJECTS, Ask, ask_properties

_NETWORK = re.compile(r"^(?: \\ )?(?P<id>[^\s:]+): index=(?P<index>\d+),type=(?P<told>.*)$")
READ = ("memory-backend-", "rng-", "cryptodev-backend-builtin", "iothread")
"""Objects whose properties are read, by how their types begin; no secret is."""


async def ask_back_ends(ask: Ask) -> BackEnds:
    """All back ends. A question that the build refuses leaves its part empty."""
    return BackEnds(
        networks=_networks(str(await _ask(ask, "human-monitor-command", "info network") or "")),
        characters={
            str(each["label"]): str(each["filename"])
            for each in await _ask(ask, "query-chardev") or ()
        },
        nodes=tuple(await _nodes(ask)),
        objects=await _objects(ask),
    )


async def _ask(ask: Ask, command: str, line: str = "") -> Any:
    try:
        return await ask(command, **({"command-line": line} if line else {}))
    except CommandError:
        return None


def _networks(text: str) -> dict[str, tuple[str, ...]]:
    """What `info network` says of each network, a text for each of its queues.

    (net/net.c, print_net_client: `n2: index=0,type=user,net=10.0.2.0,restrict=off`)
    """
    found: dict[str, tuple[str, ...]] = {}
    for match in filter(None, map(_NETWORK.match, text.splitlines())):
        if not match["told"].startswith("nic,"):
            found[match["id"]] = (*found.get(match["id"], ()), match["told"])
    return found


async def _nodes(ask: Ask) -> Iterable[BlockNode]:
    drives = {
        str(each["inserted"]["node-name"]): str(each["device"])
        for each in await _ask(ask, "query-block") or ()
        if each.get("inserted") and each.get("device")
    }
    listed = await _ask(ask, "query-named-block-nodes") or ()
    return [_node(each, drives.get(str(each.get("node-name", "")), "")) for each in listed]


def _node(told: dict[str, Any], drive: str) -> BlockNode:
    return BlockNode(
        name=str(told.get("node-name", "")),
        driver=str(told["drv"]),
        file=str(told["file"]),
        is_read_only=bool(told["ro"]),
        drive=drive,
        has_write_cache=bool(told.get("cache", {}).get("writeback", True)),
        size=int(told.get("image", {}).get("virtual-size", 0)),
    )


async def _objects(ask: Ask) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, Value]] = {}
    for each in await ask("qom-list", path=OBJECTS):
        match = CHILD.match(str(each["type"]))
        if match:
            name, is_read = str(each["name"]), match["type"].startswith(READ)
            own = await ask_properties(ask, f"{OBJECTS}/{name}") if is_read else {}
            found[name] = {"qom-type": match["type"], **own}
    return found
