from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.fetch.naming import name_for, possible_names
from qcompat.builds.registry import Registry, check_name
from qcompat.errors import StoreError

DEBIAN = BuildIdentity("7.2.22", "Debian 1:7.2+dfsg-7+deb12u18+b3", "ab" * 32)


def _register(registry: Registry, identity: BuildIdentity) -> str:
    name = name_for(identity, usual(), registry)
    registry.add(Build(name, identity, "native", "/x"), replace=True)
    return name


@pytest.mark.parametrize(
    ("version", "package", "names"),
    [
        ("7.2.22", "Debian 1:7.2+dfsg-7+deb12u18+b3",
         ("debian-7.2.22", "debian-7.2.22-7+deb12u18+b3")),
        ("10.0.2", "Debian 1:10.0.2+ds-2+deb13u1~bpo12+1",
         ("debian-10.0.2", "debian-10.0.2-2+deb13u1~bpo12+1")),
        ("8.2.2", "Debian 1:8.2.2+ds-0ubuntu1.4", ("ubuntu-8.2.2", "ubuntu-8.2.2-0ubuntu1.4")),
        ("10.0.0", "", ("qemu-10.0.0",)),
        ("9.0.0", "qemu-kvm-9.0.0-10.el9", ("qemu-9.0.0", "qemu-9.0.0-qemu-kvm-9.0.0-10.el9")),
        ("9.2.50", "v9.2.0 (dirty)/x", ("qemu-9.2.50", "qemu-9.2.50-v9.2.0-dirty-x")),
    ],
)  # fmt: skip
def test_name_tells_the_distribution_and_the_version(
    version: str, package: str, names: tuple[str, ...]
) -> None:
    found = possible_names(BuildIdentity(version, package, "cd" * 32), usual())
    assert found == (*names, f"{names[-1]}-cdcdcdcdcdcd")
    assert all(check_name(name) for name in found)


def test_second_package_of_a_version_bears_its_revision(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    newer = msgspec.structs.replace(DEBIAN, package="Debian 1:7.2+dfsg-7+deb12u19")
    rebuilt = msgspec.structs.replace(newer, sha256="ef" * 32)
    assert _register(registry, DEBIAN) == "debian-7.2.22"
    assert _register(registry, newer) == "debian-7.2.22-7+deb12u19"
    assert _register(registry, rebuilt) == "debian-7.2.22-7+deb12u19-efefefefefef"


def test_registered_build_keeps_its_name(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    newer = msgspec.structs.replace(DEBIAN, package="Debian 1:7.2+dfsg-7+deb12u19")
    first = [_register(registry, identity) for identity in (DEBIAN, newer)]
    registry.remove("debian-7.2.22")
    assert _register(registry, newer) == first[1]


def test_no_name_left_is_told(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    other = msgspec.structs.replace(DEBIAN, version="1.0")
    for name in possible_names(DEBIAN, usual()):
        registry.add(Build(name, other, "native", "/x"))
    with pytest.raises(StoreError, match=r"all possible names of debian-7\.2\.22"):
        name_for(DEBIAN, usual(), registry)
