"""A monitor between us and a running guest that denies some commands, as a policy does."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def denying(path: Path, *commands: str) -> Iterator[Path]:
    """The socket of a monitor that passes on all of what `path` answers but these commands."""
    place = path.with_name("denying")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        threading.Thread(target=_serve, args=(server, path, commands), daemon=True).start()
        yield place
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, path: Path, commands: tuple[str, ...]) -> None:
    with contextlib.suppress(OSError):
        while True:
            ours, _ = server.accept()
            threading.Thread(target=_session, args=(ours, path, commands), daemon=True).start()


def _session(ours: socket.socket, path: Path, commands: tuple[str, ...]) -> None:
    with ours, socket.socket(socket.AF_UNIX) as theirs:
        theirs.connect(str(path))
        threading.Thread(target=_pump, args=(theirs, ours), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := ours.recv(1 << 20):  # a client waits for each answer
                if not data.strip():
                    continue  # what an open file is sent with, which is lost here
                asked = json.loads(data)
                if asked.get("execute") in commands:
                    error = {"class": "CommandNotFound", "desc": "it is not allowed here"}
                    ours.sendall(json.dumps({"error": error, "id": asked["id"]}).encode() + b"\r\n")
                else:
                    theirs.sendall(data)
        theirs.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
