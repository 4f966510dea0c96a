from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.fetch.tool import run
from qcompat.errors import FetchError


def test_output_errors_code_and_place_are_told(tmp_path: Path) -> None:
    done = run(["/bin/sh", "-c", "pwd; echo err >&2; exit 4"], directory=tmp_path)
    assert (done.output, done.errors, done.code) == (f"{tmp_path}\n", "err\n", 4)


def test_much_output_does_not_block() -> None:
    done = run(["/bin/sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"])
    assert (len(done.output), len(done.errors)) == (3000000, 3000000)


def test_status_lines_arrive_one_by_one() -> None:
    lines: list[str] = []
    script = "echo one >/proc/self/fd/{status}; echo two >/proc/self/fd/{status}"
    run(["/bin/sh", "-c", script], status=lines.append)
    assert lines == ["one", "two"]


def test_what_is_raised_on_a_line_ends_the_program() -> None:
    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt):
        run(["/bin/sh", "-c", "echo one >/proc/self/fd/{status}; exec sleep 600"], status=stop)


def test_missing_program_is_told() -> None:
    with pytest.raises(FetchError, match="apt-nothing is not on this machine") as failure:
        run(["apt-nothing"])
    assert "Debian" in failure.value.hint
