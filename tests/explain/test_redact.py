"""A report holds nothing personal, and still says what belongs together."""

from __future__ import annotations

import pytest

from qcompat.explain.redact import redacted

LOG = """\
Mar 01 10:00:00 node7 libvirtd[12]: Domain 'payroll' failed on node7.corp.example.com
-name guest=payroll,debug-threads=on -uuid 11111111-2222-3333-4444-555555555555
-netdev tap,id=n0 -device virtio-net-pci,mac=52:54:00:aa:bb:cc,bus=pci.0,addr=0x3
-blockdev {"filename":"/srv/customers/acme/payroll.qcow2"} 10.1.2.3:49152 fe80::1:2 10.1.2.3
qemu-system-x86_64: error while loading state of device '0000:00:03.0/virtio-net'
mail to jane.doe@example.org, password=hunter2 qemu+ssh://jane@host9/system /usr/bin/qemu-img
-machine pc-q35-7.2 QEMU 10.0.13 payroll"""


@pytest.mark.parametrize(
    "personal",
    [
        "payroll",
        "node7",
        "corp.example",
        "11111111",
        "52:54",
        "acme",
        "10.1.2.3",
        "fe80",
        "jane",
        "hunter2",
    ],
)
def test_what_is_personal_is_gone(personal: str) -> None:
    assert personal not in redacted(LOG)


@pytest.mark.parametrize(
    "kept",
    ["0000:00:03.0/virtio-net", "pc-q35-7.2", "10.0.13", "/usr/bin/qemu-img", ".qcow2", "addr=0x3"],
)
def test_what_a_cause_is_found_by_stays(kept: str) -> None:
    assert kept in redacted(LOG)


def test_one_value_has_one_stand_in() -> None:
    text = redacted(LOG)
    assert text.count("IP-1") == 2
    assert text.count("NAME-1") == 3
