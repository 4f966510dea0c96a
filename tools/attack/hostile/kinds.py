"""The kinds of hostility: what is wrong, and which command of qcompat meets it.

A kind is one defect of a QEMU (or of a running guest's monitor) that answers rightly otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_GUEST = "--accel tcg --machine pc-q35-7.2 --device virtio-net-pci"
LINES: Mapping[str, str] = {
    "builds add": "builds add again {binary}",
    "portrait take": f"portrait take hostile -o {{place}}/home/p.qcp {_GUEST}",
    "check": f"check hostile {{real}} {_GUEST}",
    "prove": f"prove hostile hostile {_GUEST}",
    "host capture": "host capture hostile -o {place}/home/h.json --accel tcg --no-backends",
    "machine list": "machine list hostile",
    "machine resolve": "machine resolve hostile pc-q35-7.2 virtio-net-pci",
    "machine audit": "machine audit hostile --against {real}",
    "carry": "carry --qmp {place}/qmp --from {real} --to {real}",
}


class Kind(msgspec.Struct, frozen=True):
    """A defect, as `program` reads it, and the command that meets it."""

    command: str
    defect: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What to call it in the table."""
        told = (f"{key} {str(value)[:40]!r}" for key, value in self.defect.items())
        return f"{self.command}: {', '.join(told)}"


HONEST = {"at": "nowhere", "how": ""}
_ESCAPE = "\x1b[31;1m\x1b]0;evil\x07\x9b2J\r\x08"
_HUGE = 10**400
_VALUES: tuple[Any, ...] = (
    *(None, True, 7, -1.5e308, "", _ESCAPE, "x" * 3_000_000),
    *([], {}, [None], [[]], [{"name": 7}], {"return": {}}),
)
_RAW = (
    '{"return": ',
    '{"return": NaN, "id": ID}',
    f'{{"return": {_HUGE}, "id": ID}}',
    '{"return": "\xff\xfe", "id": ID}',
    '{"return": "\\ud800\\u0000", "id": ID}',
    "\x00\x00\x00",
    '["return"]',
    '{"id": ID}',
    '{"return": {}, "error": {}, "id": ID}',
)
_ERRORS: tuple[Any, ...] = (
    {"class": "GenericError", "desc": _ESCAPE},
    {"class": 7, "desc": None},
    {},
    "no",
    {"class": "GenericError", "desc": "x" * 1_000_000},
)
_INSIDE: tuple[Any, ...] = (None, _ESCAPE, -1, [], {})
_ONCE: tuple[Mapping[str, Any], ...] = (
    *({"how": "value", "value": value} for value in _VALUES),
    *({"how": "raw", "value": value} for value in _RAW),
    *({"how": "error", "value": value} for value in _ERRORS),
    *({"how": "inside", "value": value, "seed": seed} for seed, value in enumerate(_INSIDE)),
    *({"how": "without", "value": number} for number in (1, 2)),
    *({"how": name} for name in ("deep", "huge", "events", "twice", "wrong id", "half", "close")),
    *({"how": name} for name in ("exit 0", "exit 1", "signal 11", "child", "stderr escape")),
)
_SLOW: tuple[Mapping[str, Any], ...] = (
    {"how": "silence"}, {"how": "stop"}, {"how": "slow", "value": 4},
)  # fmt: skip
_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("portrait take", "qom-get"), ("portrait take", "query-cpus-fast"),
    ("portrait take", "query-cpu-model-expansion"),
    ("portrait take", 'human-monitor-command {"command-line": "info qtree'),
    ("portrait take", 'human-monitor-command {"command-line": "info ramblock'),
    ("portrait take", "human-monitor-command"), ("portrait take", "query-migrate"),
    ("portrait take", "getfd"), ("portrait take", "migrate-set-parameters"),
    ("portrait take", "migrate {"), ("check", "qom-get"), ("check", "human-monitor-command"),
    ("prove", "query-migrate"), ("prove", "migrate-incoming"),
    ("host capture", "query-machines"), ("host capture", "query-cpu-definitions"),
    ("host capture", "query-cpu-model-expansion"), ("host capture", ""),
    ("machine list", "query-machines"), ("machine list", "qom-list-types"),
    ("machine list", "device-list-properties"), ("machine list", "qom-list-properties"),
    ("machine resolve", "human-monitor-command"), ("machine audit", "query-machines"),
    ("carry", "query-version"), ("carry", "query-status"), ("carry", "qom-get"),
    ("carry", "qom-list"), ("carry", "human-monitor-command"), ("carry", "query-cpus-fast"),
    ("carry", "query-commands"), ("carry", "query-name"), ("carry", "query-uuid"),
)  # fmt: skip
_OUTPUTS = (
    *("endless", "drip", "one line", "deep", "nothing", "bytes", "nul", "utf-8", "half", "twice"),
    *("escape", "long words", "numbers", "negative", "upside down", "no lines", "other kinds"),
    *("silence", "exit 3", "signal 11", "stop", "children", "daemon", "stderr flood"),
)
_SHORT = ("--version", "-machine\0help", "-device\0help", "-machine\0none", "-accel\0help")
_QTEST: tuple[Mapping[str, Any], ...] = (
    *({"how": "text", "value": text} for text in (
        *("FAIL " + _ESCAPE, "OK 0xzz", "OK -1", "OK 0x" + "f" * 300, "OK " + "9" * 5000, "OK"),
        *("", "\xff\xfe", "OK 0x\0", "IRQ raise 0", "OK 1 2 3"),
    )),
    *({"how": name} for name in ("flood", "one line", "close", "twice", "exit 1", "signal 9")),
    *({"how": name} for name in ("silence", "stop")),
)  # fmt: skip
_STREAMS: tuple[Mapping[str, Any], ...] = (
    *({"how": how} for how in ("endless", "zeros", "half", "open", "noise", "drip")),
    *({"how": "damaged", "value": number} for number in range(6)),
    *({"how": "numbers", "value": number} for number in range(6)),
)
_STARTS = (
    *("silence", "stop", "ignore signals", "child", "children", "daemon", "memory", "fill tmp"),
    *("stderr flood", "stderr escape", "stderr bytes", "close", "thread", "write status"),
    *("exit 0", "exit 1", "exit 125", "exit 126", "exit 127", "exit 255", "signal 6", "signal 19"),
)
_GREETINGS = (
    "", "{}", "[]", "null", '{"QMP": 7}', '{"QMP": {"version": null}}', "\xff\xfe", "{" * 90_000,
    '{"QMP": {"version": {"qemu": {"micro": "x", "minor": [], "major": {}}}, "capabilities": 7}}',
    "x" * 1_000_000, "HTTP/1.1 400 Bad Request\r\n\r\n", _ESCAPE,
)  # fmt: skip


def kinds() -> Iterator[Kind]:
    """All of them, the same ones in the same order each time."""
    for number, (command, question) in enumerate(_QUESTIONS):
        for place, how in enumerate(_ONCE):
            if (place + number) % 4 == 0:
                yield Kind(command, {"at": "qmp", "command": question, "nth": place % 2 + 1, **how})
        if number % 6 == 0:
            slow = _SLOW[number // 6 % len(_SLOW)]
            yield Kind(command, {"at": "qmp", "command": question, **slow})
    for place, (short, output) in enumerate((s, o) for s in _SHORT for o in _OUTPUTS):
        if place % 3 != 1:
            command = "portrait take" if place % 2 and short != "--version" else "builds add"
            yield Kind(command, {"at": "ask", "command": short, "how": output})
    yield from (Kind("portrait take", {"at": "qtest", **how}) for how in _QTEST)
    yield from (Kind("portrait take", {"at": "stream", **how}) for how in _STREAMS)
    yield from (Kind("prove", {"at": "stream", **how}) for how in _STREAMS[::3])
    for place, misdeed in enumerate(_STARTS):
        command = ("builds add", "portrait take", "host capture")[place % 3]
        yield Kind(command, {"at": "start" if place % 2 else "process", "how": misdeed})
        yield Kind("check", {"at": "start", "how": misdeed})
    for place, text in enumerate(_GREETINGS):
        command = ("carry", "portrait take")[place % 2]
        yield Kind(command, {"at": "greeting", "how": "raw", "value": text})
    for misdeed in ("flood", "silence", "stop", "exit 1"):
        yield Kind("carry", {"at": "greeting", "how": misdeed})
        yield Kind("host capture", {"at": "capabilities", "how": misdeed})
