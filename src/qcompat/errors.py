"""Every error that a caller of qcompat can catch, as one tree.

    QcompatError                    message, hint, exit_code
    ├── UsageError                  2  the request cannot be carried out as it was put
    │   ├── UnknownBuildError          no build of that name is registered or bundled
    │   ├── GuestError                 the guest's arguments make no guest on any build
    │   └── FileFormatError            a file that is not what it should be, or is damaged
    │       └── StreamError            a migration stream; carries offset and record path
    │           └── UndescribedError       it may be whole, but nothing tells how it goes on
    └── EnvironmentError_           4  the surroundings failed, not the request
        ├── BuildError                 a build that cannot run, or is not what was registered
        ├── FetchError                 packages that could not be had or verified
        ├── StoreError                 a cache or registry that cannot be read or written
        ├── LibvirtError               libvirt, or its client virsh, cannot be asked
        ├── HostLacksError             this machine cannot run the guest, whatever the build is
        └── QemuError                  one running QEMU; carries the tail of its log
            ├── LaunchError            it ended before it could be asked anything
            ├── QemuDiedError          it ended in the middle of a question
            ├── QemuTimeoutError       it did not answer in time
            ├── UnreachableError       it runs, and no monitor of it can be had
            └── CommandError           it answered a command with an error

The class says what failed, `__cause__` why. A finding about a guest is not an error:
what a build refuses or cannot migrate is part of a portrait.
"""

from __future__ import annotations

UNDECODABLE = (ValueError, RecursionError)
"""What decoders raise on bytes that are not in their form. The errors of msgspec, tomllib, text
encodings and numbers with too many digits are ValueErrors; deep nesting ends in recursion."""


class QcompatError(Exception):
    """Base of all errors.

    `message` names the action, the object, what was expected and what was seen;
    `hint` what the reader can do about it (may be empty).
    """

    exit_code = 4

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(QcompatError):
    """The request cannot be carried out as it was put."""

    exit_code = 2


class UnknownBuildError(UsageError):
    """No build of that name is registered or bundled."""


class GuestError(UsageError):
    """The arguments make no guest: they cannot be parsed, or no build accepts them."""


class FileFormatError(UsageError):
    """A file is not of the expected format, is of a newer one, or is damaged."""


class StreamError(FileFormatError):
    """A migration stream cannot be read further.

    `offset` is the byte at which reading stopped, `record` the path of the record being read,
    such as `0000:00:02.0/virtio-blk[0]/config`.
    """

    def __init__(self, message: str, *, offset: int, record: str = "", hint: str = "") -> None:
        where = f" in {record}" if record else ""
        super().__init__(f"{message} (at byte {offset}{where})", hint)
        self.offset = offset
        self.record = record


class UndescribedError(StreamError):
    """A stream that may be whole cannot be read further: nothing in it tells how it goes on."""


class EnvironmentError_(QcompatError):  # noqa: N801, N818 - the plain name is a builtin
    """The surroundings failed, not the request."""


class BuildError(EnvironmentError_):
    """A build cannot run on this machine, or is not what was registered."""


class FetchError(EnvironmentError_):
    """Packages could not be downloaded or verified."""


class StoreError(EnvironmentError_):
    """A cache or registry cannot be read or written."""


class LibvirtError(EnvironmentError_):
    """Libvirt, or its client virsh, cannot be asked."""


class HostLacksError(EnvironmentError_):
    """This machine lacks what a guest needs; it says nothing about the guest or the build.

    `kind` is what is missing (`qemu.shortage.Kind`), `log` the tail of what QEMU printed, `said`
    its own words about it (without them: the message).
    """

    def __init__(
        self, message: str, hint: str = "", *, log: str = "", kind: str = "", said: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.log = log
        self.kind = kind
        self.said = said or message

    def on(self, build: str) -> HostLacksError:
        """The same, of a start of the build of this name."""
        return HostLacksError(
            f"{build}: {self.message}", self.hint, log=self.log, kind=self.kind, said=self.said
        )


class QemuError(EnvironmentError_):
    """Something went wrong with one running QEMU.

    `log` is the tail of what it printed, `said` its own words about it (without them: the message).
    """

    def __init__(self, message: str, hint: str = "", *, log: str = "", said: str = "") -> None:
        super().__init__(message, hint)
        self.log = log
        self.said = said or message


class LaunchError(QemuError):
    """QEMU ended before it could be asked anything; `log` usually says why."""


class QemuDiedError(QemuError):
    """QEMU ended in the middle of a question."""


class QemuTimeoutError(QemuError):
    """QEMU did not answer in time."""


class UnreachableError(QemuError):
    """A QEMU runs, and no monitor of it can be had."""


class CommandError(QemuError):
    """QEMU answered a command with an error."""
