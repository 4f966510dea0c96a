"""What a form of a remedy is made from, and what it is: text for one place, and what that lacks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.remedy.changed import Options
from qcompat.remedy.setting import Setting


class Changes(msgspec.Struct, frozen=True):
    """A remedy: its settings, and the same as options of QEMU's command line.

    `dropped` are the user's options that `words` replace, or that have to go.
    """

    settings: Sequence[Setting]
    words: Options = ()
    dropped: Options = ()


class Form(msgspec.Struct, frozen=True):
    """`text` is pasted as it is, quoted for where it goes; empty where it can say nothing.

    `title` says what it is for; `notes` are for the reader: what else has to be done by hand.
    """

    title: str
    text: str
    notes: tuple[str, ...] = ()


def device_id(setting: Setting) -> str:
    """The id of the device that a setting is for; empty where the user gave it none.

    The last part of a device's path is its id or its type, the latter numbered (`hpet[1]`).
    """
    if setting.reach != "device" or "/" not in setting.path:
        return ""
    last = setting.path.rpartition("/")[2]
    return "" if last.partition("[")[0] == setting.driver else last


def spelled(setting: Setting) -> str:
    """`virtio-blk-pci.queue-size=1024`, in a sentence."""
    if setting.reach == "argument":
        return f"{setting.driver} {setting.value}".rstrip()
    if (setting.reach, setting.name) == ("machine", "type"):
        return f"-machine {setting.value}"
    return f"{setting.driver}.{setting.name}={setting.value}"
