from __future__ import annotations

import re
from pathlib import Path

import pytest

from qcompat.cli.process.say import note, say

CLI = Path(__file__).parents[3] / "src" / "qcompat" / "cli"


def test_foreign_words_are_harmless_on_both_streams(capsys: pytest.CaptureFixture[str]) -> None:
    say("a \x1b[31m b\n c")
    note("a \x9b2J b")
    assert capsys.readouterr() == ("a \\x1b[31m b\n c\n", "a \\x9b2J b\n")


def test_no_command_prints_past_it() -> None:
    printing = re.compile(r"click\.echo\(|(?<!\.)\bprint\(|click\.echo\b")
    found = {path.name for path in CLI.rglob("*.py") if printing.search(path.read_text())}
    assert found == {"say.py", "failure.py"}
