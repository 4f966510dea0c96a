"""The registered builds that a tool measures: those of one architecture."""

from __future__ import annotations

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.local.home import data_home


def registered(architecture: str = usual().name) -> list[Build]:
    """The builds of this machine whose guests are of an architecture, by default the usual one."""
    return [each for each in Registry(data_home()).list() if each.architecture == architecture]
