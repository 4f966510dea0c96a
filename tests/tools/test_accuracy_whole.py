"""Whole guests: lines are read, spelled for builds, made to exist, and scored."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import threading
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from tools.accuracy.whole.lines import Line, on_builds, words_of
from tools.accuracy.whole.measure import Whole, loads, what_reads
from tools.accuracy.whole.page import render_whole
from tools.accuracy.whole.realise.line import Option, read
from tools.accuracy.whole.realise.load import Loaded
from tools.accuracy.whole.realise.vhost_user import DISK, GET_CONFIG, GET_FEATURES, serve
from tools.accuracy.whole.score import WholeScored
from tools.accuracy.whole.spelling import Reads, machine_of, spell

NEW = Reads(frozenset({"machine", "device"}), True, True, frozenset({"pc-q35-7.2"}))
OLD = Reads(frozenset({"machine", "device", "no-acpi"}), False, False, frozenset({"pc-q35-7.2"}))


def test_options_are_read_with_their_values() -> None:
    assert read(["-S", "-device", "e1000,id=a"]) == [Option("S"), Option("device", "e1000,id=a")]


def test_a_doubled_comma_is_part_of_a_value() -> None:
    fields = Option("chardev", "socket,id=c,path=/a,,b,server").fields
    assert fields == {"": "socket", "id": "c", "path": "/a,b", "server": "on"}


def test_json_is_read_as_it_is_nested() -> None:
    assert Option("netdev", '{"type":"tap","fd":"3"}').fields == {"type": "tap", "fd": "3"}


def test_an_alias_becomes_the_versioned_type_and_a_gone_option_its_property() -> None:
    words = spell(["-machine", "q35,usb=off", "-no-acpi"], "pc-q35-7.2", [NEW, OLD])
    assert words == ("-machine", "pc-q35-7.2,usb=off", "-machine", "acpi=off")


def test_an_option_that_all_builds_have_stays() -> None:
    assert "-no-acpi" in spell(["-no-acpi"], "pc-q35-7.2", [OLD])


def test_json_becomes_plain_where_a_build_does_not_read_it() -> None:
    device = json.dumps({"driver": "virtio-net-pci", "mq": True, "vectors": 18, "id": "a,b"})
    plain = "virtio-net-pci,mq=on,vectors=18,id=a,,b"
    assert spell(["-device", device], "pc-q35-7.2", [OLD])[-1] == plain
    assert spell(["-device", device], "pc-q35-7.2", [NEW])[-1] == device


def test_a_revision_of_proxmox_is_left_out_of_the_machine_type() -> None:
    assert machine_of(["-machine", "hpet=off,type=pc-q35-6.1+pve0"]) == "pc-q35-6.1"
    words = spell(["-machine", "hpet=off,type=pc-q35-7.2+pve0"], "pc-q35-7.2", [NEW])
    assert words == ("-machine", "hpet=off,type=pc-q35-7.2")


def test_the_words_of_a_file_begin_behind_the_program() -> None:
    assert words_of("LC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-S \\\n-m 214\n") == (
        "-S",
        "-m",
        "214",
    )


def _asked(sort_request: int, body: bytes = b"") -> bytes:
    here, there = socket.socketpair(socket.AF_UNIX)
    threading.Thread(target=serve, args=(there, DISK), daemon=True).start()
    with here:
        here.sendall(struct.pack("<III", sort_request, 1, len(body)) + body)
        head = here.recv(12)
        _, flags, size = struct.unpack("<III", head)
        assert flags == 5  # version 1, a reply
        return here.recv(size)


def test_a_vhost_user_disk_tells_its_capacity_and_that_it_can_log() -> None:
    config = _asked(GET_CONFIG, struct.pack("<III", 0, 60, 0) + bytes(60))
    assert struct.unpack_from("<Q", config, 12) == (32768,)
    (features,) = struct.unpack("<Q", _asked(GET_FEATURES))
    assert features & 1 << 26 and features & 1 << 32


def test_a_failed_load_that_was_said_to_load_is_missed_and_no_verdict_is_no_answer() -> None:
    refused = Loaded("b", "refused", "no")
    assert WholeScored("x", "a", refused, "drift", "").kind == "missed"
    assert WholeScored("x", "a", refused, "blocked", "").kind == "right"
    assert WholeScored("x", "a", Loaded("b", "loaded"), "blocked", "").kind == "false_alarm"
    assert WholeScored("x", "a", refused, "", "an error").kind == "no_answer"


def test_the_page_counts_guests_that_were_not_had_by_reason() -> None:
    had = Whole("libvirt/a", (), "a", (Loaded("b", "loaded"),))
    lost = Whole("libvirt/b", (), "a", (Loaded("b", "not_had", "no render node"),))
    text = render_whole([had, lost], [WholeScored("libvirt/a", "a", had.loads[0], "ok", "")], "")
    assert "| libvirt | 1 | 1 | 0 | 1 (100.00%) |" in text
    assert "| no render node | 1 |" in text


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts an overlay")
@pytest.mark.skipif(not shutil.which("bwrap"), reason="runs QEMU in its own root")
def test_user_networks_really_travel_and_a_target_with_other_instances_refuses(
    builds: Mapping[str, Build],
) -> None:
    """`slirp` is a section for each network (net/slirp.c registers it), numbered as of 10.0."""
    pair = [builds["10.0.13"], builds["7.2.22"]]
    reads = {build.name: what_reads(build, learn(build, cache=cache_home())) for build in pair}
    words = "-accel tcg -nodefaults -display none -m 64 -machine"
    networks = "-netdev user,id=a -device e1000,netdev=a -netdev user,id=b -device e1000,netdev=b"
    line = Line("test/user", tuple(f"{words} pc-q35-7.2 {networks}".split()))
    drawn = next(each for each in on_builds(line, pair, reads) if each.source == pair[0])
    (load,) = loads(drawn, pair)
    assert load.kind == "refused"
    assert "slirp" in load.message
