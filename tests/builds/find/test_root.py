from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.find.root import split_root
from qcompat.errors import BuildError


def test_program_of_this_machine_is_in_no_root() -> None:
    assert split_root("/bin/sh") == ("", "/bin/sh")
    assert split_root("/usr/bin/env") == ("", "/usr/bin/env")
    assert split_root("/no/such/qemu") == ("", "/no/such/qemu")


@pytest.mark.lab
def test_root_is_found_around_a_binary_by_its_loader(builds: Mapping[str, Build]) -> None:
    for build in builds.values():
        assert split_root(f"{build.root}{build.binary}") == (build.root, build.binary)


def test_path_that_leads_nowhere_in_the_root_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "qemu").symlink_to("/bin/sh")  # there is one, but outside
    with pytest.raises(BuildError, match="has no file /qemu"):
        split_root("/qemu", str(tmp_path))


@pytest.mark.parametrize("path", ["/bin/qemu", "{root}/bin/qemu", "{root}/link"])
def test_named_root_takes_paths_from_inside_and_outside(path: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "qemu").touch()
    (tmp_path / "link").symlink_to("/bin/qemu")
    root = str(tmp_path)
    assert split_root(path.format(root=root), root) == (root, "/bin/qemu")
