"""The sessions of a hostile QEMU: QMP, qtest and the migration's stream."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.attack.hostile.misdeeds import flood, misbehave, write_all
from tools.attack.hostile.spoilt import changed_inside, spoil_stream, stripped

if TYPE_CHECKING:
    from tools.attack.hostile.program import Defect

_MIB = 1 << 20
_GREETING = {
    "QMP": {
        "version": {"qemu": {"micro": 3, "minor": 1, "major": 11}, "package": "Debian"},
        "capabilities": ["oob"],
    }
}
_EVENTS = {"stop": "STOP", "cont": "RESUME", "system_reset": "RESET"}


class Session:
    """What was recorded for the arguments `key`, or for any where nothing was."""

    def __init__(self, recording: Path, key: str, defect: Defect) -> None:
        self._defect = defect
        self._recording = recording
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        self._read: list[dict[str, Any]] = []
        self._unread = [recording / f"session-{name}.json"]
        self._unread += sorted(recording.glob("session-*.json"))
        self._times: dict[tuple[str, str], int] = {}
        self._files: dict[str, int] = {}
        self._given: list[int] = []
        self._lock = threading.Lock()
        self._ours: socket.socket

    def serve_qtest(self, ours: socket.socket) -> None:
        """Until the other end closes it."""
        with contextlib.suppress(OSError, ValueError):
            for line in ours.makefile("rb"):
                command = line.decode(errors="replace").strip()
                told = self._found("qtest", command)
                reply = f"OK {told}\n".encode() if told else b"OK\n"
                if self._defect.at("qtest", command):
                    self._spoil_qtest(ours, reply)
                else:
                    ours.sendall(reply)

    def _spoil_qtest(self, ours: socket.socket, reply: bytes) -> None:
        match self._defect.how:
            case "flood":
                flood(ours.sendall, b"IRQ raise 0\n" * 1000)
            case "one line":
                flood(ours.sendall, b"OK 0x" + b"0" * _MIB, 64)
            case "close":
                ours.shutdown(socket.SHUT_RDWR)
            case "text":
                ours.sendall(str(self._defect.told["value"]).encode("latin-1") + b"\n")
            case "twice":
                ours.sendall(reply * 2)
            case how:
                misbehave(how)
                ours.sendall(reply)

    def serve_qmp(self, ours: socket.socket) -> None:
        """Until the other end closes it."""
        self._ours = ours
        waiting = b""
        with contextlib.suppress(OSError):
            self._greet()
            while True:
                data, files, _, _ = socket.recv_fds(ours, 65536, 4)
                self._given += files
                waiting += data
                if not data:
                    return
                with contextlib.suppress(ValueError):  # a part of a question
                    asked = json.loads(waiting)
                    waiting = b""
                    self._take(asked)

    def _greet(self) -> None:
        if not self._defect.at("greeting"):
            self._send(_GREETING)
        elif self._defect.how == "raw":
            self._ours.sendall(str(self._defect.told["value"]).encode("latin-1") + b"\n")
        elif self._defect.how == "flood":
            self._ours.sendall(b'{"QMP":{"version":"')
            flood(self._ours.sendall, b"x" * _MIB, 300)
        else:
            misbehave(self._defect.how)
            self._send(_GREETING)

    def _send(self, value: object) -> None:
        with self._lock:
            self._ours.sendall(json.dumps(value).encode() + b"\r\n")

    def _found(self, kind: str, key: str) -> Any:
        """The answer that was recorded, in the order of the questions; the last one for more.

        Where this question was never asked, one with the same first word.
        """
        first = key.partition(" ")[0]
        same = (each[kind][key] for each in self._sessions() if each[kind].get(key))
        like = (
            answers
            for each in self._sessions()
            for asked, answers in each[kind].items()
            if asked.partition(" ")[0] == first and answers
        )
        answers = next(same, None) or next(like, None)
        if not answers:
            return None
        at = self._times[kind, key] = self._times.get((kind, key), -1) + 1
        return answers[min(at, len(answers) - 1)]

    def _sessions(self) -> Iterator[dict[str, Any]]:
        """What was recorded, that of these arguments first; the others are read when needed."""
        yield from list(self._read)
        while self._unread:
            path = self._unread.pop(0)
            if path.exists():
                self._read.append(json.loads(path.read_text()))
                yield self._read[-1]

    def _take(self, asked: dict[str, Any]) -> None:
        command, arguments = str(asked.get("execute")), asked.get("arguments") or {}
        name = {"id": asked["id"]} if "id" in asked else {}
        key = f"{command} {json.dumps(arguments, sort_keys=True)}"
        if command == "qmp_capabilities":
            told, is_time = [True, {}], self._defect.at("capabilities")
        else:
            told, is_time = self._found("qmp", key) or [True, {}], self._defect.at("qmp", key)
        if is_time:
            self._spoil(told[1], name)
        elif told[0]:
            self._send({"return": told[1], **name})
        else:
            self._send({"error": {"class": "GenericError", "desc": told[1]}, **name})
        self._act(command, arguments)

    def _act(self, command: str, arguments: dict[str, Any]) -> None:
        if command == "getfd" and self._given:
            self._files[str(arguments.get("fdname"))] = self._given.pop()
        elif command == "closefd" and (file := self._files.pop(str(arguments.get("fdname")), 0)):
            os.close(file)
        elif command in _EVENTS:
            self._event(_EVENTS[command])
        elif command in ("migrate", "migrate-incoming"):
            file = self._files.pop(str(arguments.get("uri")).removeprefix("fd:"), 0)
            work = self._write_stream if command == "migrate" else self._read_stream
            if file:
                threading.Thread(target=work, args=(file,), daemon=True).start()
        elif command == "quit":
            os._exit(0)

    def _event(self, name: str) -> None:
        now = {"seconds": int(time.time()), "microseconds": 0}
        self._send({"event": name, "timestamp": now, "data": {"guest": False, "reason": "host"}})

    def _spoil(self, right: Any, name: dict[str, Any]) -> None:
        told, id_ = self._defect.told, json.dumps(name.get("id", "")).encode()
        match self._defect.how:
            case "value":
                self._send({"return": told["value"], **name})
            case "inside":
                self._send({"return": changed_inside(right, told), **name})
            case "without":
                self._send({"return": stripped(right, int(told["value"])), **name})
            case "raw":
                raw = str(told["value"]).encode("latin-1")
                self._ours.sendall(raw.replace(b"ID", id_) + b"\n")
            case "deep":
                nested = b"[" * 90_000 + b"]" * 90_000
                self._ours.sendall(b'{"id":' + id_ + b',"return":' + nested + b"}\n")
            case "huge":
                self._ours.sendall(b'{"id":' + id_ + b',"return":"')
                flood(self._ours.sendall, b"x" * _MIB, 400)
                self._ours.sendall(b'"}\n')
            case "events":
                for _ in range(200_000):
                    self._event("RESET")
            case "error":
                self._send({"error": told["value"], **name})
            case "twice":
                self._send({"return": right, **name})
                self._send({"return": right, **name})
            case "wrong id":
                self._send({"return": right, "id": "nobody asked"})
            case "slow":
                time.sleep(told["value"])
                self._send({"return": right, **name})
            case "half":
                data = json.dumps({"return": right, **name}).encode()
                self._ours.sendall(data[: len(data) // 2])
                os.kill(os.getpid(), 9)
            case "close":
                self._ours.shutdown(socket.SHUT_RDWR)
            case how:
                misbehave(how)
                self._send({"return": right, **name})

    def _write_stream(self, file: int) -> None:
        streams = (each["stream"] for each in self._sessions() if each["stream"])
        data = base64.b64decode(next(streams, ""))
        with contextlib.suppress(OSError):
            if self._defect.at("stream"):
                spoil_stream(file, data, self._defect.how, self._defect.told.get("value", 0))
            else:
                write_all(file, data)
        os.close(file)

    def _read_stream(self, file: int) -> None:
        with contextlib.suppress(OSError):
            while os.read(file, _MIB):
                pass
        os.close(file)
