"""The option that asks for a JSON document instead of text."""

from __future__ import annotations

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as a JSON document.")
