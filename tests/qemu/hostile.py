"""Ends of a QMP socket that are no QEMU, or one gone mad; each is a small server of its own.

A kind is what it sends at one of three moments: in place of QMP's greeting, in place of the answer
to `qmp_capabilities`, or in place of the answer to the first question. Before that moment it speaks
as QEMU does.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

Moment = Literal["greeting", "negotiation", "answer"]
Kind = Iterable[bytes | float]
"""What is sent piece by piece; a number is a pause in seconds. The end of it closes the socket.

After `NEXT`, `@` stands for the id of the next question."""

VERSION = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}
GREETING = {"QMP": {"version": VERSION, "capabilities": ["oob"]}}
FOREVER: float = 60.0
NEXT: float = -1.0
DEEP = 100_000


def line(message: object) -> bytes:
    """A message of QMP."""
    return json.dumps(message).encode() + b"\r\n"


def _event(name: str) -> dict[str, Any]:
    return {"event": name, "timestamp": {"seconds": 1, "microseconds": 2}, "data": {}}


def _endless(piece: bytes) -> Kind:
    return itertools.repeat(piece * (1 + 65536 // len(piece)))


def _drip(text: bytes) -> Kind:
    for byte in text:
        yield bytes([byte])
        yield 0.2


def anywhere() -> Mapping[str, Kind]:
    """What is wrong at every moment."""
    return {
        "silence": [FOREVER],
        "nothing": [],
        "half a message": [b'{"return": {"sta'],
        "half a message, then silence": [b'{"return": {"sta', FOREVER],
        "binary": [bytes(range(256)) * 40 + b"\n"],
        "invalid UTF-8": [b'{"return": "\xff\xfe\xc0", "QMP": "\xff"}\n'],
        "UTF-16": ['{"return": {}}\n'.encode("utf-16")],
        "a list": [b"[]\n", FOREVER],
        "a number": [b"5\n", FOREVER],
        "null": [b"null\n", FOREVER],
        "a string": [b'"QMP"\n', FOREVER],
        "an empty object": [b"{}\n", FOREVER],
        "HTTP": [b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"],
        "an endless line": _endless(b"x"),
        "an endless string": itertools.chain([b'{"return": "'], _endless(b"x")),
        "endless blank lines": _endless(b"\n"),
        "endless spaces": _endless(b" "),
        "deep lists": [b"[" * DEEP + b"]" * DEEP + b"\n", FOREVER],
        "deep objects": [b'{"return":' * DEEP + b"1" + b"}" * DEEP + b"\n", FOREVER],
        "a number of too many digits": [b'{"return": ' + b"9" * 9999 + b"}\n", FOREVER],
        "endless events": _endless(line(_event("RTC_CHANGE"))),
        "endless events STOP": _endless(line(_event("STOP"))),
        "events of odd shapes": [line({"event": [], "timestamp": 5}), line({"event": None})] * 9,
        "byte by byte": _drip(line({"return": {}})),
    }


def greetings() -> Mapping[str, Kind]:
    """What is no greeting."""
    return {
        "QMP is a list": [line({"QMP": []}), FOREVER],
        "the version is a string": [line({"QMP": {"version": "9", "capabilities": []}}), FOREVER],
        "capabilities are a number": [line({"QMP": {"version": VERSION, "capabilities": 5}})],
        "no version": [line({"QMP": {"capabilities": []}}), FOREVER],
        "an answer": [line({"return": {}}), FOREVER],
    }


def negotiations() -> Mapping[str, Kind]:
    """What is no answer to `qmp_capabilities`."""
    return {
        "an error": [line({"error": {"class": "GenericError", "desc": "no"}}), FOREVER],
        "another greeting": [line(GREETING), FOREVER],
    }


def answers() -> Mapping[str, Kind]:
    """What is no answer to `query-status`; `@` stands for the question's id."""
    return {
        "another id": [line({"return": {}, "id": "other"}), FOREVER],
        "endless answers with other ids": _endless(line({"return": {}, "id": "other"})),
        "endless answers with the id": _endless(line({"return": [], "id": "@"})),
        "no id": [line({"return": {}}), FOREVER],
        "an id that is a list": [line({"return": {}, "id": []}), FOREVER],
        "an id that is an object": [line({"return": {}, "id": {}}), FOREVER],
        "an id that is a number": [line({"return": {}, "id": 5}), FOREVER],
        "an error without id": [line({"error": {"class": "X", "desc": "y"}}), FOREVER],
        "an error that is a string": [line({"error": "no", "id": "@"}), FOREVER],
        "an error that is null": [line({"error": None, "id": "@"}), FOREVER],
        "an error without words": [line({"error": {}, "id": "@"}), FOREVER],
        "an error of wrong types": [line({"error": {"class": 5, "desc": []}, "id": "@"}), FOREVER],
        "neither answer nor error": [line({"id": "@"}), FOREVER],
        "answer and error": [line({"return": {}, "error": {}, "id": "@"}), FOREVER],
        "a list in place of a state": [line({"return": [], "id": "@"}), FOREVER],
        "nothing in place of a state": [line({"return": None, "id": "@"}), FOREVER],
        "a state without its parts": [line({"return": {}, "id": "@"}), FOREVER],
        "a state of wrong types": [
            line({"return": {"status": 5, "running": "yes"}, "id": "@"}),
            FOREVER,
        ],
        "a huge answer of a wrong type": [line({"return": "x" * 9_000_000, "id": "@"}), FOREVER],
        "many small objects": [line({"return": [{}] * 2_000_000, "id": "@"}), FOREVER],
        "not a number": [b'{"return": NaN, "id": "@"}\n', FOREVER],
    }


def slow() -> Mapping[str, Kind]:
    """What is answered well, to one question after the other."""
    state = line({"return": {"status": "running", "running": True}, "id": "@"})
    pauses = [line(_event(name)) for _ in range(999) for name in ("STOP", "RESUME")]
    return {
        "an answer after a while, again and again": itertools.cycle([0.3, state, NEXT]),
        "many pauses, then an answer": [*pauses, state, FOREVER],
    }


KINDS: tuple[tuple[Moment, str], ...] = (
    *(("greeting", name) for name in (*anywhere(), *greetings())),
    *(("negotiation", name) for name in (*anywhere(), *negotiations())),
    *(("answer", name) for name in (*anywhere(), *answers())),
)
"""Every kind at every moment at which it is wrong."""


@contextlib.contextmanager
def hostile(place: Path, moment: Moment, name: str) -> Iterator[Path]:
    """The socket of such a server, which serves one client after the other."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(place / "hostile"))
        listening.listen()
        threading.Thread(target=_serve, args=(listening, moment, name), daemon=True).start()
        yield place / "hostile"
        listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, moment: Moment, name: str) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            with client, contextlib.suppress(OSError):
                _speak(client, moment, name)


def _speak(client: socket.socket, moment: Moment, name: str) -> None:
    if moment != "greeting":
        client.sendall(line(GREETING))
        client.recv(65536)  # the client asks one thing at a time
    if moment == "answer":
        client.sendall(line({"return": {}}))
        found = {**anywhere(), **answers(), **slow()}[name]
        _send(client, found, _asked(client))
    else:
        own = greetings() if moment == "greeting" else negotiations()
        _send(client, own.get(name) or anywhere()[name], "")


def _asked(client: socket.socket) -> str:
    """The id of the next question. Raises OSError where the client has gone."""
    asked = client.recv(65536)
    if not asked:
        raise OSError("the client has gone")
    return str(json.loads(asked)["id"])


def _send(client: socket.socket, kind: Kind, identity: str) -> None:
    for piece in kind:
        if isinstance(piece, bytes):
            client.sendall(piece.replace(b'"@"', f'"{identity}"'.encode()))
        elif piece == NEXT:
            identity = _asked(client)
        elif piece == FOREVER:
            client.recv(1)  # until the client goes
        else:
            time.sleep(piece)
