"""A command line for every place where a command takes a file: `{file}` is that place.

`{a}` and `{b}` are builds, `{good}` a directory with a sound file of each kind.
"""

from __future__ import annotations

from collections.abc import Mapping

_WEB = "-machine pc-q35-7.2 -nodefaults"

READ: Mapping[str, tuple[str, ...]] = {
    "advisories": ("advisories --guest {file}",),
    "bisect": ("bisect {file} --good a --bad b --binary qemu -- check {a} {b}",),
    "builds add": (
        "builds add x {file}",
        "builds add x /usr/bin/qemu --root {file}",
        "builds add x {good}/qemu --firmware-dir {file}",
        "builds add x {good}/qemu --module-dir {file}",
        "builds add x --image {file}",
        "builds add x --packages {file}",
        "builds add x --tree {file}",
    ),
    "builds fetch": (
        "builds fetch other/suite --mirror http://127.0.0.1:9 --keyring {file}",
        "builds fetch rpm/any --mirror http://127.0.0.1:9 --keyring {file}",
    ),
    "builds list": (
        "builds list --remote other/suite --mirror http://127.0.0.1:9 --keyring {file}",
    ),
    "carry": (
        "carry --qmp {file} --from {a} --to {b}",
        "carry --argv {file} --from {a} --to {b}",
        "carry --portrait {file} --to {b}",
    ),
    "check": (
        "check {file} {b}",
        "check {a} {file}",
        "check {a} {b} --guest {file}",
        "check {a} {b} -- {file}",
        "check --qmp {file} --to {b}",
        "check --pid 1 --argv {file} --to {b}",
        "check {a} {b} --source-host {file} --target-host {good}/host.json",
        "check {a} {b} --source-host {good}/host.json --target-host {file}",
        f"check {{a}} {{b}} -- {_WEB} -readconfig {{file}}",
        f"check {{a}} {{b}} -- {_WEB} -bios {{file}}",
        f"check {{a}} {{b}} -- {_WEB} -device virtio-net-pci,romfile={{file}}",
        f"check {{a}} {{b}} -- {_WEB} -drive file={{file}},if=virtio",
        f"check {{a}} {{b}} -- {_WEB} -drive if=pflash,format=raw,file={{file}}",
        f"check {{a}} {{b}} -- {_WEB} -fw_cfg name=opt/x,file={{file}}",
        f"check {{a}} {{b}} -- {_WEB} -acpitable file={{file}}",
        f"check {{a}} {{b}} -- {_WEB} -smbios file={{file}}",
        f"check {{a}} {{b}} -- {_WEB} -kernel {{file}}",
    ),
    "cpu baseline": ("cpu baseline {file} {good}/host.json",),
    "cpu compare": ("cpu compare {file} {good}/host.json", "cpu compare {a} {b} --qmp {file}"),
    "cpu lines": ("cpu lines {file} {good}/host.json",),
    "explain": ("explain {file}", "explain {good}/log --guest {file} --source {a} --target {b}"),
    "guest start": (
        "guest start g {a} --guest {file}",
        "guest start g {a} -- {file}",
    ),
    "host compare": ("host compare {file} {good}/host.json",),
    "host lines": (
        "host lines {file} {good}/host.json",
        "host lines {good}/host.json {good}/host.json --guest {file}",
    ),
    "machine matrix": ("machine matrix {file}",),
    "matrix": ("matrix {a} {b} --guest {file}", "matrix {a} {b} --baseline {file}"),
    "portrait show": ("portrait show {file}",),
    "portrait take": (
        "portrait take {a} -o {place}/p.qcp --guest {file}",
        "portrait take -o {place}/p.qcp --qmp {file}",
        "portrait take -o {place}/p.qcp --pid 1 --argv {file}",
    ),
    "prove": ("prove {a} {b} --guest {file}", "prove --replay {file}"),
    "rehearse": (
        "rehearse --qmp {file} --to {b}",
        "rehearse --state {file} --to {b}",
        "rehearse --pid 1 --argv {file} --to {b}",
    ),
    "repair": ("repair {a} {b} --guest {file}",),
    "source lint": ("source lint {file}", "source lint {good} --patch {file}"),
    "source show": ("source show {file}",),
    "stream diff": ("stream diff {file} {good}/x.mig", "stream diff {good}/x.mig {file}"),
    "stream ram": ("stream ram {file}",),
    "stream show": ("stream show {file}",),
    "stream verify": ("stream verify {file}",),
}
"""By command. What is only written stands in `WRITTEN`."""

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "host capture": ("host capture {a} --output {file} --accel tcg --no-backends",),
    "matrix": (
        "matrix {a} {a} --device e1000 --html {file}",
        "matrix {a} {a} --device e1000 --junit {file}",
    ),
    "portrait take": ("portrait take {a} --output {file} --device e1000",),
    "prove": ("prove {a} {b} --device e1000 --keep {file}",),
    "rehearse": ("rehearse --state {good}/x.mig --to {b} --keep {file}",),
    "stream ram": ("stream ram {good}/x.mig --output {file}",),
}
"""By command: what a special file at the place of an answer must not break."""
