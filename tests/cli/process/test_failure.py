"""Every failure ends in one message, one hint and the exit code that its class names."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from qcompat import __version__
from qcompat.cli import root, run
from qcompat.cli.process.failure import report_failure
from qcompat.errors import FetchError, LaunchError, QcompatError, UnknownBuildError

Fail = Callable[[BaseException], int]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fail:
    """Run a command that raises what it is given."""
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path))

    def run_failing(error: BaseException) -> int:
        def raise_it() -> None:
            raise error

        command = click.Command("fail", callback=raise_it)
        monkeypatch.setattr(root, "get_command", lambda *_: command)
        return run(["fail"])

    return run_failing


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownBuildError("no build named x", "known: y"), 2),
        (FetchError("no such suite", "known: y"), 4),
        (OSError(errno.ENOSPC, "No space left on device", "/some/file"), 4),
        (MemoryError(), 4),
    ],
)
def test_known_failure_has_message_hint_and_code(
    fail: Fail, capfd: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert fail(error) == code
    out, err = capfd.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert [line.split(":")[0] for line in lines] == ["error", "hint"]
    assert "Traceback" not in err


def test_message_without_hint_is_one_line(fail: Fail, capfd: pytest.CaptureFixture[str]) -> None:
    fail(QcompatError("it went wrong"))
    assert capfd.readouterr().err == "error: it went wrong\n"


def test_qemu_s_last_words_are_shown_but_not_all_of_them(
    fail: Fail, capfd: pytest.CaptureFixture[str]
) -> None:
    log = "".join(f"line {n}\n" for n in range(1000))
    assert fail(LaunchError("QEMU ended", "look at its log", log=log)) == 4
    err = capfd.readouterr().err
    assert "qemu: line 999" in err
    assert len(err.splitlines()) < 10


def test_escape_sequences_of_foreign_text_are_spelled_out(
    fail: Fail, capfd: pytest.CaptureFixture[str]
) -> None:
    fail(QcompatError("\x1b[2Jgone"))
    assert capfd.readouterr().err == "error: \\x1b[2Jgone\n"


def test_bug_leaves_a_report_with_its_traceback(
    fail: Fail, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert fail(ZeroDivisionError("a bug")) == 4
    err = capfd.readouterr().err
    (report,) = (tmp_path / "reports").iterdir()
    assert err.startswith("error: qcompat has a bug: ZeroDivisionError: a bug\n")
    assert str(report) in err
    assert "Traceback" not in err
    assert "Traceback" in report.read_text()
    assert __version__ in report.read_text()


def test_the_same_bug_twice_leaves_one_report(fail: Fail, tmp_path: Path) -> None:
    for _ in range(2):
        fail(ZeroDivisionError("a bug"))
    assert len(list((tmp_path / "reports").iterdir())) == 1


def test_bug_where_nothing_can_be_written_is_told_all_the_same(
    fail: Fail,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "file"))
    assert fail(ZeroDivisionError("a bug")) == 4
    assert "ZeroDivisionError: a bug" in capfd.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interruption_is_quiet(
    fail: Fail, capfd: pytest.CaptureFixture[str], error: BaseException
) -> None:
    assert fail(error) == 130
    assert capfd.readouterr().err.strip() == ""


def test_a_name_that_is_too_long_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    error = OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000)
    assert report_failure(error, []) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: the name of a file is too long: 'xxx")
    assert len(told) < 120
