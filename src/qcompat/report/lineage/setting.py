"""A setting in one line, and a command line ready to be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from qcompat.remedy.setting import Setting


def spelled(setting: Setting) -> str:
    """`virtio-blk-pci.queue-size=1024`, and where it applies."""
    if setting.reach == "argument":
        return f"{'without ' if setting.removes else ''}{setting.driver} {setting.value}".rstrip()
    if (setting.reach, setting.name) == ("machine", "type"):
        return f"-machine {setting.value}"
    if setting.removes:
        return f"without {setting.driver}.{setting.name}{_where(setting)}"
    return f"{setting.driver}.{setting.name}={setting.value}{_where(setting)}"


def _where(setting: Setting) -> str:
    if setting.reach == "device":
        return f" (the device {setting.path.rpartition('/')[2]} at {_address(setting.path)})"
    return {"type": " (all such devices)", "cpu": " (the processors)"}.get(setting.reach, "")


def _address(path: str) -> str:
    """What comes before the name in a path: the place on the bus, else the bus."""
    return path.rpartition("/")[0].rpartition("/")[2]


def pasted(words: Sequence[str]) -> str:
    """The words for a POSIX shell, on one line."""
    return shlex.join(words)
