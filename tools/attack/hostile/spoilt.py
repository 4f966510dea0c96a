"""Answers and streams that are nearly right."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

from tools.attack.hostile.misdeeds import misbehave, write_all

_MIB = 1 << 20


def spoil_stream(file: int, data: bytes, how: str, seed: int) -> None:
    """Write the stream, but not as it is."""
    chance = random.Random(seed)  # noqa: S311 - the same for the same seed
    match how:
        case "endless" | "zeros":
            while True:
                write_all(file, data if how == "endless" else bytes(_MIB))
        case "half":
            write_all(file, data[: len(data) // 2])
        case "open":
            write_all(file, data[: len(data) // 2])
            misbehave("silence")
        case "noise":
            write_all(file, chance.randbytes(len(data)))
        case "damaged":
            made = bytearray(data)
            for _ in range(20):
                made[chance.randrange(len(made))] = chance.randrange(256)
            write_all(file, bytes(made))
        case "numbers":
            at = chance.randrange(len(data) - 4)
            write_all(file, data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
        case "drip":
            for byte in data:
                write_all(file, bytes([byte]))
                time.sleep(0.05)


def changed_inside(right: Any, told: dict[str, Any]) -> Any:
    """The answer with one of its inner values, found by chance, replaced."""
    made = json.loads(json.dumps(right))
    places = list(_inner(made))
    if not places:
        return told["value"]
    holder, key = random.Random(told.get("seed", 0)).choice(places)  # noqa: S311
    holder[key] = told["value"]
    return made


def _inner(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        yield value, key
        yield from _inner(value[key])


def stripped(right: Any, count: int) -> Any:
    """The answer without the first members of each of its objects."""
    if isinstance(right, list):
        return [stripped(each, count) for each in right]
    if isinstance(right, dict):
        return dict(list(right.items())[count:])
    return str(right)[: len(str(right)) // 2]
