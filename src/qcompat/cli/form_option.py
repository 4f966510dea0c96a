"""For what a remedy is written down: the option, and the forms that it chooses."""

from __future__ import annotations

import click

FORMS = ("qemu", "libvirt", "proxmox", "table")

form_option = click.option(
    "--form",
    "forms",
    type=click.Choice([*FORMS, "all"]),
    default="qemu",
    callback=lambda _ctx, _option, chosen: FORMS if chosen == "all" else (chosen,),
    help="For what the remedy is written down. Usually QEMU's command line.",
)
