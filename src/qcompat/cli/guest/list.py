"""`qcompat guest list`: all guests that were ever recorded, and where they are."""

from __future__ import annotations

import sys

import click

from qcompat.cli.json_option import json_option
from qcompat.cli.store_option import opened, store_option


@click.command("list")
@store_option
@json_option
def list_(store: str, as_json: bool) -> None:
    """List the recorded guests, where they run and since when."""
    from qcompat.report.lineage.text.list import write_json, write_text
    from qcompat.store.lineages import lineage, names

    engine = opened(store)
    found = tuple(lineage(engine, name) for name in names(engine))
    (write_json if as_json else write_text)(found, sys.stdout)
