"""All forms of a remedy, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qcompat.remedy.changed import Options, changed_words
from qcompat.remedy.setting import Setting
from qcompat.report.remedy.form import Form
from qcompat.report.remedy.libvirt import libvirt
from qcompat.report.remedy.proxmox import proxmox
from qcompat.report.remedy.qemu import qemu
from qcompat.report.remedy.table import table
from qcompat.verdict.remedy import Remedy, Unrepairable


def forms_of(found: Remedy | Unrepairable) -> Mapping[str, Form]:
    """The remedy in every form; of a guest that stays refused, what repairs other devices of it."""
    dropped = found.dropped if isinstance(found, Remedy) else ()
    return _forms(found.settings, found.words, dropped)


def forms_of_start(
    settings: Sequence[Setting], own: Sequence[str], line: Sequence[str]
) -> Mapping[str, Form]:
    """What a start must say beyond the user's `own` arguments; `line` has the settings in them."""
    return _forms(settings, *changed_words(own, line))


def _forms(settings: Sequence[Setting], words: Options, dropped: Options) -> Mapping[str, Form]:
    return {
        "qemu": qemu(words, dropped),
        "libvirt": libvirt(settings),
        "proxmox": proxmox(settings),
        "table": table(settings),
    }
