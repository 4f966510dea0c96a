"""A process of QEMU: its own monitor is found, and no other socket of it is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.errors import UnreachableError, UsageError
from qcompat.portrait.portrait import Accel
from qcompat.portrait.running.reach.process import Listening, libvirt_name, monitors_in
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Process
from qcompat.qemu.qmp_socket import look_at
from tests.running_guest import running

SMALL = ["-machine", "q35", "-nodefaults", "-m", "64", "-S"]


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        ("-qmp unix:/a,server=on,wait=off", ["/a"]),
        ("-qmp unix:/a,server,nowait", ["/a"]),
        ("--qmp unix:a,server=on", ["a"]),
        ("-qmp-pretty unix:/a,server=on", ["/a"]),
        ("-qmp unix:/a,,b,server=on", ["/a,b"]),
        ("-chardev socket,id=m,path=/a,server=on -mon chardev=m,mode=control", ["/a"]),
        ("-mon m,mode=control -chardev socket,server=on,path=/a,id=m", ["/a"]),
        ("-chardev socket,id=m,path=/a,server=on -qmp chardev:m", ["/a"]),
        ("-qmp unix:/a,server=on -qmp unix:/b,server=on", ["/a", "/b"]),
        # none of these is a place where QMP is served
        ("-qmp unix:/a", []),
        ("-qmp unix:/a,server=off", []),
        ("-qmp stdio", []),
        ("-qmp tcp:localhost:4444,server=on", []),
        ("-monitor unix:/a,server=on", []),
        ("-serial unix:/a,server=on", []),
        ("-chardev socket,id=m,path=/a,server=on -mon chardev=m", []),
        ("-chardev socket,id=m,path=/a,server=on -mon chardev=m,mode=readline", []),
        ("-chardev socket,id=m,fd=3,server=on -mon chardev=m,mode=control", []),
        ("-chardev socket,id=m,path=/a,server=on -mon chardev=n,mode=control", []),
        ("-chardev pty,id=m -mon chardev=m,mode=control", []),
        ("-qmp", []),
    ],
)
def test_the_sockets_on_which_qmp_is_served_are_named_by_the_arguments(
    words: str, paths: list[str]
) -> None:
    found = monitors_in(["/usr/bin/qemu-system-x86_64", *words.split()])
    assert [each.path for each in found] == paths


def test_an_abstract_socket_is_padded_unless_it_is_tight() -> None:
    tight, padded = monitors_in(
        ["-qmp", "unix:a,abstract=on,server=on", "-qmp", "unix:b,abstract=on,tight=off,server=on"]
    )
    assert tight == Listening("a", is_abstract=True)
    assert padded == Listening("b".ljust(107, "\0"), is_abstract=True)


def test_a_domain_of_libvirt_is_known_by_libvirts_own_monitor() -> None:
    name = ["-name", "guest=web,,1,debug-threads=on"]
    own = ["-chardev", "socket,id=charmonitor,fd=30,server=on,wait=off"]
    assert libvirt_name([*name, *own]) == "web,1"
    assert libvirt_name(name) == ""


@pytest.mark.lab
async def test_a_process_is_asked_through_its_own_monitor(newest: Build, accel: Accel) -> None:
    with running(newest, SMALL, accel) as (path, _):
        async with look_at(path) as monitor:
            pid = monitor.pid or 0
        async with reach(Process(pid)) as monitor:
            assert monitor.pid == pid
            assert (await monitor.ask("query-status"))["status"] == "prelaunch"


@pytest.mark.lab
async def test_a_monitor_that_is_held_is_unreachable_and_says_so(
    newest: Build, accel: Accel
) -> None:
    with running(newest, SMALL, accel) as (path, _):
        async with look_at(path) as monitor:
            with pytest.raises(UnreachableError, match="another client"):
                async with reach(Process(monitor.pid or 0)):
                    pass


async def test_a_process_that_is_no_qemu_or_is_not_there_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="is no QEMU"):
        async with reach(Process(os.getpid())):
            pass
    most = int(Path("/proc/sys/kernel/pid_max").read_text())
    with pytest.raises(UsageError, match="there is no process"):
        async with reach(Process(most + 1)):
            pass
