"""The processes and sockets at the other ends: they live as long as one QEMU."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from tools.accuracy.whole.realise.line import Option, nodes
from tools.accuracy.whole.realise.listeners import accept, connect, hold, listen_on, open_tap
from tools.accuracy.whole.realise.place import NotHadError, Place
from tools.accuracy.whole.realise.programs import Programs
from tools.accuracy.whole.realise.vhost_user import DISK, serve


class Peers:
    """Starts the peers of a line; `descriptors` are the numbers that QEMU inherits.

    `tools` are the roots of builds, in which programs that come with QEMU are found.
    """

    def __init__(self, place: Place, tools: Sequence[Path]) -> None:
        self._place = place
        self._programs = Programs(place, tools)
        self._sockets: list[socket.socket] = []
        self._listening: set[str] = set()
        self.descriptors: set[int] = set()

    def start(self, options: Sequence[Option]) -> None:
        """Start everything that QEMU connects to. Errors: NotHadError."""
        users = _users_of_chardevs(options)
        named = Counter(str(o.fields.get("path")) for o in options if o.name == "chardev")
        shared = {path for path, uses in named.items() if uses > 1}
        for option in options:
            if option.name == "chardev" and option.kind == "socket":
                user = users.get(str(option.fields.get("id")), "")
                self._socket(option.fields, user, shared)
            elif option.name == "netdev":
                self._network(option)
            elif option.name == "add-fd":
                self._open_descriptor(option)
            elif option.name == "object" and option.kind == "pr-manager-helper":
                self._programs.persistent_reservations(str(option.fields["path"]))
            elif option.name in ("blockdev", "drive"):
                self._servers(option)

    def stop(self) -> None:
        """End the processes and close what was opened; the numbers stay reserved."""
        self._programs.stop()
        for held in self._sockets:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)  # ends the accept() of its thread
            held.close()
        for number in tuple(self.descriptors):
            self._hand_over(os.open("/dev/null", os.O_RDONLY), number)

    def _socket(self, fields: dict[str, Any], user: str, shared: Collection[str]) -> None:
        is_server = str(fields.get("server", "off")).lower() in ("on", "true", "yes", "y")
        named = str(fields.get("path", ""))
        if named.startswith("/dev/") and not is_server:
            named = self._outside_of_dev(named)
            fields = {**fields, "path": named}
        if named and not is_server and named not in self._listening:
            (self._place.root / named.lstrip("/")).unlink(missing_ok=True)
        if "fd" in fields:
            held = self._place.listening(f"/run/descriptor-{fields['fd']}")
            self._hand_over(held.detach(), int(fields["fd"]))
        elif user == "tpm":
            self._programs.tpm(named)
        elif user == "vhost-user-net" and is_server:
            here = self._place.root / named.lstrip("/")
            threading.Thread(target=connect, args=(here,), daemon=True).start()
        elif user == "vhost-user-blk" and named not in shared:
            self._programs.disk(named)
        elif user == "vhost-user-fs":
            self._programs.directory(named)
        elif user.startswith("vhost-user") and user not in _SERVED:
            raise NotHadError(f"no process behind {user}")
        elif not is_server:
            self._listen(fields, _SERVED.get(user, hold))

    def _outside_of_dev(self, named: str) -> str:
        """QEMU has a /dev of its own: a socket there is bound to its name."""
        elsewhere = f"/run/{named.strip('/').replace('/', '-')}"
        self._place.devices[named] = str(self._place.root / elsewhere.lstrip("/"))
        return elsewhere

    def _listen(self, fields: dict[str, Any], answer: Callable[[socket.socket], None]) -> None:
        where = str(fields.get("path") or (fields.get("host"), fields.get("port")))
        if where in self._listening:
            return
        self._listening.add(where)
        if "path" in fields:
            named = str(fields["path"])
            if fields.get("abstract") in ("on", True):
                raise NotHadError("an abstract socket")
            held = self._place.listening(named)
        elif "port" in fields:
            held = listen_on(str(fields.get("host") or "127.0.0.1"), int(fields["port"]))
        else:
            return
        self._keep(held)
        threading.Thread(target=accept, args=(held, answer), daemon=True).start()

    def _keep(self, held: socket.socket) -> None:
        self._sockets.append(held)

    def _network(self, option: Option) -> None:
        fields, kind = option.fields, option.kind
        numbers = str(fields.get("fds") or fields.get("fd") or "")
        if kind == "tap" and numbers:
            listed = [int(number) for number in numbers.split(":")]
            for number in listed:
                self._hand_over(open_tap(f"t{listed[0]}", is_multi=len(listed) > 1), number)
        elif kind == "socket" and "connect" in fields:
            host, _, port = str(fields["connect"]).rpartition(":")
            self._listen({"host": host, "port": port}, hold)
        elif kind in ("stream", "dgram"):
            address = fields.get("addr", {})
            if not fields.get("server") and kind == "stream":
                self._listen(dict(address), hold)

    def _open_descriptor(self, option: Option) -> None:
        opaque = str(option.fields.get("opaque", ""))
        if "tpm" in opaque or "vdpa" in opaque:
            raise NotHadError(f"no device behind the descriptor {opaque}")
        named = self._place.root / "tmp" / f"descriptor-{option.fields['fd']}"
        opened = os.open(named, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._hand_over(opened, int(option.fields["fd"]))

    def _hand_over(self, opened: int, number: int) -> None:
        """QEMU inherits it under the number that the line says."""
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        self.descriptors.add(number)

    def _servers(self, option: Option) -> None:
        for node in nodes(option.fields):
            if node.get("driver") == "nbd":
                raise NotHadError("no nbd server behind a disk")


def _users_of_chardevs(options: Sequence[Option]) -> dict[str, str]:
    """What connects to each character device: `tpm`, or the sort of a vhost-user device."""
    users = {}
    for option in options:
        chardev = str(option.fields.get("chardev", ""))
        if option.name == "tpmdev":
            users[chardev] = "tpm"
        elif option.name == "netdev" and option.kind == "vhost-user":
            users[chardev] = "vhost-user-net"
        elif option.name == "device" and option.kind.startswith("vhost-user"):
            users[chardev] = option.kind.removesuffix("-pci")
    return users


_SERVED: dict[str, Callable[[socket.socket], None]] = {
    "vhost-user-net": serve,
    "vhost-user-blk": lambda connection: serve(connection, DISK),
}
"""What answers where several devices share a socket, or no program does."""
