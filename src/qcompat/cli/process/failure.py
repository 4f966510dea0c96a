"""What becomes of an exception: one message, one hint, one exit code, never a traceback.

Errors that qcompat knows bring their own words and exit code; a full disk and its like are
the environment's; whatever is left is a bug in qcompat, and its traceback goes into a file.
"""

from __future__ import annotations

import errno
import sys
import traceback

import click

from qcompat import __version__
from qcompat.cli.process.extras import missing_extra
from qcompat.errors import QcompatError, QemuError, UsageError
from qcompat.report.terminal.plain import printable

INTERRUPTED = 130
"""128 + SIGINT, what a shell reports for an interrupted command."""
PIPE_CLOSED = 141
"""128 + SIGPIPE: whoever read our output had enough."""
ENVIRONMENT_FAILED = 4

_LOG_LINES = 5
_ENVIRONMENT_ERRORS = {
    errno.ENOSPC: "free some space, or set TMPDIR, QCOMPAT_CACHE and QCOMPAT_HOME to another disk",
    errno.EDQUOT: "your disk quota is used up: free some space",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "check the permissions of that path",
    errno.EPERM: "check the permissions of that path",
    errno.EIO: "the disk reports an error: see the kernel's log",
    errno.ENOMEM: "free some memory, or use a guest with less of it",
    errno.EMFILE: "raise the limit of open files: ulimit -n",
    errno.ENFILE: "this machine has too many open files",
    errno.EAGAIN: "this machine has too many processes, or too little memory",
}


def report_failure(failure: Exception, arguments: list[str]) -> int:
    """Say on standard error what went wrong, and return the exit code."""
    match failure:
        case QcompatError():
            _say(failure.message, failure.hint, _log_tail(failure))
            return failure.exit_code
        case click.ClickException():
            _say_usage(failure)
            return failure.exit_code
        case OSError() if failure.errno == errno.ENAMETOOLONG:
            _say(f"the name of a file is too long: {str(failure.filename)[:60]!r}…")
            return UsageError.exit_code
        case OSError() if failure.errno in _ENVIRONMENT_ERRORS:
            _say(_os_message(failure), _ENVIRONMENT_ERRORS[failure.errno])
        case ModuleNotFoundError() if told := missing_extra(failure):
            _say(*told)
        case MemoryError():
            _say("out of memory", _ENVIRONMENT_ERRORS[errno.ENOMEM])
        case _:
            _say_bug(failure, arguments)
    return ENVIRONMENT_FAILED


def _say(message: str, hint: str = "", log: tuple[str, ...] = ()) -> None:
    lines = [f"error: {message}", *(f"qemu: {line}" for line in log)]
    if hint:
        lines.append(f"hint: {hint}")
    print(printable("\n".join(lines)), file=sys.stderr)


def _log_tail(failure: QcompatError) -> tuple[str, ...]:
    if not isinstance(failure, QemuError):
        return ()
    lines = [line for line in failure.log.splitlines() if line.strip()]
    return tuple(line for line in lines[-_LOG_LINES:] if line not in failure.message)


def _say_usage(failure: click.ClickException) -> None:
    if isinstance(failure, click.exceptions.NoArgsIsHelpError):
        print(failure.format_message(), file=sys.stderr)
        return
    hint = "qcompat --help"
    if isinstance(failure, click.UsageError) and failure.ctx is not None:
        hint = f"{failure.ctx.command_path} --help"
        takes_qemu_arguments = any(p.name == "arguments" for p in failure.ctx.command.params)
        if isinstance(failure, click.NoSuchOption) and takes_qemu_arguments:
            hint += "; QEMU's own arguments come after --"
    _say(failure.format_message(), hint)


def _os_message(failure: OSError) -> str:
    where = f"{failure.filename}: " if failure.filename else ""
    return f"{where}{failure.strerror}"


def _say_bug(failure: Exception, arguments: list[str]) -> None:
    name = type(failure).__name__
    try:
        hint = f"please send this report to the project: {_write_report(failure, arguments)}"
    except (QcompatError, OSError) as why:
        hint = f"a report could not be written ({why}); the traceback follows\n" + _trace(failure)
    _say(f"qcompat has a bug: {name}: {failure}", hint)


def _write_report(failure: Exception, arguments: list[str]) -> str:
    import platform

    from qcompat.local.home import cache_home
    from qcompat.local.whole_file import write_whole

    trace = _trace(failure)
    report = (
        f"qcompat {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {arguments!r}\n\n{trace}"
    )
    path = cache_home() / "reports" / f"{type(failure).__name__}-{_digest(trace)}.txt"
    write_whole(path, report.encode(errors="backslashreplace"))
    return str(path)


def _trace(failure: Exception) -> str:
    return "".join(traceback.format_exception(failure))


def _digest(text: str) -> str:
    """Equal bugs get equal names, so that a repeated one fills no disk."""
    import hashlib

    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]
