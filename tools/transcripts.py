"""Runs the commands that the documentation shows, so that what it shows is what happens.

A block is a transcript when `<!-- transcript -->` stands above it and it begins with one
`$ qcompat …` line. `python -m tools.transcripts` writes the answers again; a test fails where
one is stale. The commands run on a machine without builds, so the bundled portraits answer.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(
    r"(?P<head><!-- transcript -->\n\n?```console\n\$ (?P<command>qcompat [^\n]*)\n).*?```",
    re.DOTALL,
)


def main() -> int:
    """Write every transcript again."""
    for page in PAGES:
        text = page.read_text()
        if (fresh := rewritten(text)) != text:
            page.write_text(fresh)
            print(f"{page.relative_to(ROOT)}: rewritten")
    return 0


def rewritten(text: str) -> str:
    """The page with every transcript as its command answers now."""
    return BLOCK.sub(lambda block: f"{block['head']}{answer(block['command'])}```", text)


def answer(command: str) -> str:
    """What a command prints on a terminal of 80 columns, and its exit code."""
    program = Path(sys.executable).with_name("qcompat")
    with tempfile.TemporaryDirectory() as bare:
        done = subprocess.run(
            [str(program), *shlex.split(command)[1:]],
            env={**os.environ, "QCOMPAT_HOME": bare, "QCOMPAT_CACHE": bare, "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return f"{done.stdout}$ echo $?\n{done.returncode}\n"


if __name__ == "__main__":
    sys.exit(main())
