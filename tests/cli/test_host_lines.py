"""`qcompat host lines` and `host features` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.etree import ElementTree

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from tests.hosts.devices.hosts import BUILD, PLACE, path

NET = "virtio-net-pci"
MESSAGE = "Features 0x1c0010130afffa7 unsupported. Allowed features: 0x179bfffe7"


def lines(*names: str, more: tuple[str, ...] = (), device: str = NET) -> int:
    files = [str(path(name)) for name in names]
    return run(["host", "lines", *files, "--device", device, "--build", BUILD, *more])


def test_a_line_for_each_host_and_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "no-uso") == 0
    out = capsys.readouterr().out
    text = f"-device {NET},guest_uso4=off,guest_uso6=off,host_uso=off"
    assert [line.split(maxsplit=1)[0] for line in out.splitlines() if text in line] == [
        "uso",
        "no-uso",
    ]
    assert "the taps of its kernel 6.1.0 do not take uso" in out


def test_builds_that_cannot_run_the_guest_do_not_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(path("uso")), str(path("no-uso"))]
    assert run(["host", "lines", *files, "--device", NET, "--machine", "pc-q35-10.0"]) == 0
    assert "host_uso=off" in capsys.readouterr().out
    assert run(["host", "lines", *files, "--device", NET, "--machine", "pc-q35-2.4"]) == 2
    assert "has no build with the machine type" in capsys.readouterr().err


def test_equal_hosts_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "uso") == 0
    assert "nothing to set" in capsys.readouterr().out


def test_what_is_not_known_has_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "unasked") == 3
    assert "to be safe, on every host: csum=off" in capsys.readouterr().out


def test_a_running_guest_that_cannot_go_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "no-uso", more=("--guest", "0x1c0000000000000")) == 1
    out = capsys.readouterr().out
    assert "blocked: it was started with guest_uso4, guest_uso6, host_uso" in out


def test_the_guest_of_a_portrait_agreed_on_nothing_yet(capsys: pytest.CaptureFixture[str]) -> None:
    guest = str(PLACE / "net-tap@10.0.13.qcp")
    assert lines("uso", "no-uso", more=("--guest", guest)) == 0
    assert "drift: it loads" in capsys.readouterr().out


def test_the_document_holds_the_properties_and_the_blame(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lines("uso", "no-uso", more=("--json", "--bridge", "br0")) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qcompat.host-lines/1"
    assert document["lines"][0]["properties"]["host_mtu"] == "1500"
    assert document["mtu"]["common"] == 1500
    assert {each["feature"] for each in document["lost"]} == {
        "guest_uso4",
        "guest_uso6",
        "host_uso",
    }
    assert all("no-uso" in each["lacks"] for each in document["lost"])


def test_the_xml_is_libvirts(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "no-uso", more=("--form", "xml", "--alias", "ua-a")) == 0
    out = capsys.readouterr().out
    part = out[
        out.index("<qemu:override") : out.index("</qemu:override>") + len("</qemu:override>")
    ]
    override = ElementTree.fromstring(part)  # noqa: S314 - our own output
    (device,) = override
    assert device.get("alias") == "ua-a"
    assert {p.get("name"): p.get("value") for p in device.iter() if p.get("name")} == {
        "guest_uso4": "false",
        "guest_uso6": "false",
        "host_uso": "false",
    }


def test_what_libvirt_has_an_attribute_for_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "no-uso", more=("--form", "xml", "--bridge", "br0")) == 0
    assert "<mtu size='1500'/>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("device", "said"),
    [("e1000", "does not know"), ("", "without a type")],
)
def test_devices_that_are_none(device: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("uso", "no-uso", device=device) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_capture_is_one_clear_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["host", "lines", "/no/such.json", "--device", NET]) == 2
    assert "hint:" in capsys.readouterr().err


def test_a_message_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["host", "features", MESSAGE]) == 0
    out = capsys.readouterr().out
    assert "4 of 26 agreed features are not allowed" in out
    assert "property host_uso (QEMU 8.2 and later" in out
    assert "-device virtio-net-pci,…,queue_reset=on,guest_uso4=on,guest_uso6=on,host_uso=on" in out
    assert (
        "-device virtio-net-pci,…,queue_reset=off,guest_uso4=off,guest_uso6=off,host_uso=off" in out
    )


def test_words_are_explained_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["host", "features", "0x120", "0x100", "--device", "virtio-net", "--json"]) == 0
    (message,) = json.loads(capsys.readouterr().out)["messages"]
    assert message["device_known_by"] == "user"
    assert [b["name"] for b in message["features"] if b["refused"]] == ["mac"]


def test_a_word_without_a_device_asks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["host", "features", "0x100000000"]) == 0
    assert "give --device" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("words", [[], ["nonsense"], ["0x1", "0x2", "0x3"]])
def test_no_message_is_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["host", "features", *words]) == 2
    assert "hint:" in capsys.readouterr().err


@pytest.mark.lab
def test_a_property_that_a_build_here_refuses_is_an_error(
    builds: Mapping[str, Build], capsys: pytest.CaptureFixture[str]
) -> None:
    hosts = [str(path(name)) for name in ("uso", "no-uso")]
    assert builds["10.0.13"].name == "debian-10.0.13"
    assert run(["host", "lines", *hosts, "--device", "virtio-net-pci,netdev=n0,foo=1"]) == 2
    said = capsys.readouterr().err
    assert "debian-10.0.13 refuses virtio-net-pci,netdev=n0,foo=1" in said
    assert "'virtio-net-pci.foo' not found" in said
    assert run(["host", "lines", *hosts, "--device", "virtio-net-pci,netdev=n0,bus=rp0"]) in (0, 3)
