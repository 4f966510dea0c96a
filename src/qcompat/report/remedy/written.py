"""Forms of a remedy, for a reader at a terminal and as members of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.remedy.form import Form
from qcompat.report.terminal.layout import hang, plain, unbroken

_TITLES = {
    "qemu": "for QEMU's command line",
    "libvirt": "for libvirt, into <domain> (libvirt 8.2 or later)",
    "proxmox": "for Proxmox, in the VM's configuration",
    "table": "for a packager's compat table",
}


def write_forms(
    forms: Mapping[str, Form], wanted: Sequence[str], console: Console, *, indent: str = ""
) -> None:
    """Each form that is wanted, to be pasted as it is; what it cannot say follows as a comment."""
    for name in wanted:
        form = forms[name]
        console.print()
        hang(console, Text(indent), plain(_TITLES[name], "bold green"))
        for line in form.text.splitlines():
            unbroken(console, Text(f"{indent}  ").append_text(plain(line)))
        for note in form.notes:
            hang(console, Text(f"{indent}  # "), plain(note, "dim"))


def members(forms: Mapping[str, Form]) -> dict[str, object]:
    """Every form by its name."""
    return {name: {"text": form.text, "notes": form.notes} for name, form in forms.items()}
