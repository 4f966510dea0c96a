"""Builds without TCG: which accelerators a build has, and that all can be asked of it then."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.accelerators import ask_accelerators
from qcompat.builds.learn.learn import ask_all
from qcompat.local.kvm import has_kvm
from qcompat.machine.ask.tables import ask_tables

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def without_tcg(builds: Mapping[str, Build], tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build that lists TCG, as all do that have it as a module, but whose module is gone."""
    build = next((each for each in builds.values() if _tcg_modules(each.root)), None)
    if build is None:
        pytest.skip("no build here has TCG as a module")
    root = tmp_path_factory.mktemp("without-tcg") / "root"
    try:
        shutil.copytree(build.root, root, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):
        pytest.skip("the builds lie on another file system than temporary files")
    for module in _tcg_modules(str(root)):
        module.unlink()
    return msgspec.structs.replace(build, root=str(root), name="without-tcg")


def _tcg_modules(root: str) -> list[Path]:
    return list(Path(root).glob("usr/lib/*/qemu/accel-tcg-*.so"))


def test_whole_builds_have_both(builds: Mapping[str, Build]) -> None:
    assert {ask_accelerators(build) for build in builds.values()} == {("kvm", "tcg")}


def test_build_without_its_module_has_kvm_alone(without_tcg: Build) -> None:
    assert ask_accelerators(without_tcg) == ("kvm",)


@pytest.mark.skipif(not has_kvm(), reason="no KVM here")
async def test_build_without_tcg_answers_all_questions(without_tcg: Build) -> None:
    facts = ask_all(without_tcg)
    assert not facts.lost
    assert facts.states
    assert await ask_tables(without_tcg) is None  # 7.2 does not report them, but it answers
