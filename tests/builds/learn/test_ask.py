from __future__ import annotations

import time

import pytest

from qcompat.builds.learn.ask import ask
from qcompat.errors import BuildError
from tests.builds.build_samples import native


def test_both_outputs_and_the_code_are_told() -> None:
    answer = ask(native("/bin/sh"), ["-c", "echo out; echo err >&2; exit 3"])
    assert (answer.output, answer.errors, answer.code) == (b"out\n", "err\n", 3)


def test_a_crash_is_an_answer() -> None:
    assert ask(native("/bin/sh"), ["-c", "kill -SEGV $$"]).code == 128 + 11


@pytest.mark.parametrize(
    "script", ["sleep 60", "exec >&- 2>&-; sleep 60", "trap '' TERM; sleep 60"]
)
def test_a_build_that_hangs_is_left_behind(script: str) -> None:
    started = time.monotonic()
    with pytest.raises(BuildError, match=r"did not answer within 0.3 s"):
        ask(native("/bin/sh"), ["-c", script], seconds=0.3)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("script", ["exec yes", "exec yes >&2"])
def test_a_build_that_floods_is_stopped(script: str) -> None:
    with pytest.raises(BuildError, match="more than 32 MB"):
        ask(native("/bin/sh"), ["-c", script])
