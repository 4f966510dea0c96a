"""Making the contents of a valid envelope odd: values of other types, sizes and numbers."""

from __future__ import annotations

import random
from typing import Any

_TEXTS = (
    "", " ", "\0", "\x1b[31m", "a" * 5000, "9" * 40, "-1", "0000:00:02.0", "/", "../../etc", "%s",
    "é", "true", "0x1f", "[", "{}",
)  # fmt: skip
_NUMBERS = (0, -1, 1, 255, 1 << 31, (1 << 63) - 1, -(1 << 63))
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 0.5, 1e308, "", "a", b"", bytes(64), [], {}, [None], {"": None}, [[]]
)  # fmt: skip
_MOST = 3


def odd(tree: Any, seed: int) -> Any:
    """The tree with one to three odd places, the same for the same seed; `tree` is changed."""
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    for _ in range(chance.randint(1, _MOST)):
        _change(tree, chance)
    return tree


def _change(tree: Any, chance: random.Random) -> None:
    holder = tree
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.85:
            holder = holder[key]
            continue
        _put(holder, key, chance)
        return


def _put(holder: Any, key: Any, chance: random.Random) -> None:
    """Mostly a value of the same type, which a typed reader takes."""
    value, way = holder[key], chance.random()
    if way < 0.1:
        del holder[key]
    elif way < 0.2 and isinstance(holder, list):
        holder.append(value)
    elif way < 0.3:
        holder[key] = chance.choice(_ODD)
    elif isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = chance.choice((*_NUMBERS, value + 1, value - 1, value + 256))
    elif isinstance(value, str):
        holder[key] = chance.choice((*_TEXTS, value[1:], value + value, value.upper()))
    elif isinstance(value, bytes):
        holder[key] = chance.choice((b"", value[1:], value + value, bytes(len(value)), bytes(64)))
    else:
        holder[key] = chance.choice((type(value)(), None))
