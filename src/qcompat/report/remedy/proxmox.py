"""A remedy for a Proxmox VM: the line `args:` of its configuration.

Proxmox makes the `-device` lines itself and gives each device an id (`virtio0`, `net0`), so a
device is reached by `-set device.ID.NAME=VALUE`, one without an id by its type. The line is
split as a shell would (Text::ParseWords), without anything expanded.
"""

from __future__ import annotations

import shlex

from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import option_words
from qcompat.report.remedy.form import Changes, Form, device_id, spelled

_TITLE = "for Proxmox, in the VM's configuration"
_ARGUMENTS = "args: "


def write(changes: Changes) -> Form:
    """The line; a value with a line break does not fit into it."""
    settings = changes.settings
    words = [word for each in settings if not each.removes for word in _words(each)]
    notes = tuple(note for each in settings if (note := _note(each)))
    if any("\n" in word for word in words):
        return Form(_TITLE, "", (*notes, "a value with a line break does not fit into one line"))
    return Form(_TITLE, _ARGUMENTS + shlex.join(words) if words else "", notes)


def _words(setting: Setting) -> tuple[str, ...]:
    if id_ := device_id(setting):
        return ("-set", f"device.{id_}.{setting.name}={setting.value}")
    return option_words(setting)


def _note(setting: Setting) -> str:
    if setting.removes:
        return f"remove {spelled(setting)} from the VM's own arguments"
    if setting.instead_of:
        return f"{setting.driver} {setting.instead_of} must be removed from the VM's configuration"
    return ""
