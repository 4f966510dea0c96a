"""A virtual machine of Incus, as `incus config show --expanded NAME` writes it.

An instance with migration.stateful=true keeps what its start decided (volatile.vm.boot_state), and
only such an instance can move. Of another one, what the host decides at a start is named.
"""

from __future__ import annotations

import re

from qcompat.errors import FileFormatError
from qcompat.guest.given.form import Form, Given, Mismatch
from qcompat.guest.given.incus.convert import words_of
from qcompat.guest.given.incus.instance import instance_in
from qcompat.guest.given.tree import MOST_BYTES, Node, documents

_KEYS = [rb'^[{\s"]*architecture"?:', rb'^[{\s"]*(expanded_)?config"?:']
_KEYS += [rb'^[{\s"]*(expanded_)?devices"?:']


def _mismatch(data: bytes) -> Mismatch | None:
    head = data[:MOST_BYTES]
    found = [re.search(key, head, re.MULTILINE) is not None for key in _KEYS]
    if not all(found):
        what = "an instance of Incus has architecture, config and devices"
        return Mismatch(what, is_near=sum(found) > 1)
    try:
        read = documents(data)
    except FileFormatError as error:
        return Mismatch(f"as an instance of Incus, {error.message}", is_near=True)
    if len(read) == 1 and isinstance(read[0], dict) and "architecture" in read[0]:
        return None
    return Mismatch("as an instance of Incus, it is not one document", is_near=True)


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    words, uncovered = words_of(instance_in(Node(documents(data)[0])))
    return (Given(words, name, uncovered),)


FORM = Form(
    name="an instance of Incus (incus config show --expanded NAME)",
    example=b'architecture: x86_64\nconfig:\n  limits.cpu: "2"\n  limits.memory: 2GiB\n'
    b"devices:\n  root:\n    path: /\n    pool: default\n    type: disk\n",
    mismatch=_mismatch,
    read=_read,
)
