"""Files and sockets that a QEMU is supplied with: what they are, and that nothing is left."""

from __future__ import annotations

from pathlib import Path

from qcompat.qemu.supplies.names import VHOST_USER, firmware, is_supply, supplies_in, zeros
from qcompat.qemu.supplies.supplies import supplied


async def test_arguments_that_ask_for_nothing_stay_as_they_are() -> None:
    async with supplied(["qemu"], ["-chardev", "null,id=c"]) as supplies:
        assert supplies.command == ("qemu",)
        assert supplies.arguments == ("-chardev", "null,id=c")
        assert supplies.descriptors == ()


async def test_without_a_sandbox_the_arguments_say_the_files_themselves() -> None:
    before = set(Path("/proc/self/fd").iterdir())
    words = ["-bios", firmware(65536), "-x", f"{zeros(1000)},{zeros(10)}"]
    async with supplied(["qemu"], words) as supplies:
        bios, both = supplies.arguments[1], supplies.arguments[3]
        assert Path(bios).read_bytes() == bytes(65520) + bytes.fromhex("faf4ebfd") + bytes(12)
        assert [Path(path).stat().st_size for path in both.split(",")] == [1000, 10]
    assert set(Path("/proc/self/fd").iterdir()) == before


async def test_in_a_sandbox_the_names_are_links() -> None:
    words = ["-bios", zeros(512), "-bios", zeros(512)]
    async with supplied(["sh", "bwrap", "--tmpfs", "/", "--", "qemu", "--"], words) as supplies:
        (file,) = supplies.descriptors
        link = ("--symlink", f"/proc/self/fd/{file}", zeros(512))
        assert supplies.command == ("sh", "bwrap", "--tmpfs", "/", *link, "--", "qemu", "--")
        assert supplies.arguments == tuple(words)


def test_names_are_found_wherever_they_stand() -> None:
    words = [f"x,romfile={zeros(5)}", zeros(50), f"path={VHOST_USER}", "/qcompat/zeros-", "/etc"]
    assert supplies_in(words) == {zeros(5): 5, zeros(50): 50, VHOST_USER: -1}
    assert is_supply(zeros(5))
    assert is_supply(VHOST_USER)
    assert not is_supply("/qcompat/zeros-5/../../etc/shadow")
    assert not is_supply("/qcompat/zeros-" + "9" * 12)
