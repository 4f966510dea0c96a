"""Recovers how libvirt defines the processor models that several of its releases know.

    python -m tools.libvirt_models LIBVIRT-9.0/cpu_map LIBVIRT-11.3/cpu_map

Writes `libvirt_models.json` of `qcompat.hosts.cpu`. Only models and features that every release
given knows are in it: `every` are the features that a model has in each release, `some` those that
it has in some only. A feature that a release marks as removed is in `some`
(virCPUx86DisableRemovedFeatures, src/cpu/cpu_x86.c of 9.0 and 11.3). libvirt's own names are kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

TABLE = Path(__file__).parents[1] / "src" / "qcompat" / "hosts" / "cpu" / "libvirt_models.json"
Model = tuple[frozenset[str], frozenset[str]]
"""The features of a model, and those together with the removed ones."""


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map", nargs="+", type=Path, help="cpu_map of one release")
    maps = parser.parse_args().map
    content = json.dumps(table(maps), indent=1, sort_keys=True)
    TABLE.write_text(f"{content}\n")


def table(maps: list[Path]) -> dict[str, object]:
    """What all releases have in common."""
    known = [{e.get("name", "") for e in _features(each)} for each in maps]
    releases = [models(each) for each in maps]
    shared = set.intersection(*(set(each) for each in releases))
    common = frozenset(set.intersection(*known))
    found = {}
    for name in shared:
        every = frozenset.intersection(*(each[name][0] for each in releases))
        some = frozenset.union(*(each[name][1] for each in releases)) & common
        found[name] = {"every": " ".join(sorted(every)), "some": " ".join(sorted(some - every))}
    return {"features": " ".join(sorted(common)), "models": found}


def models(map_: Path) -> Mapping[str, Model]:
    """Each model of one release, those that it is built on included."""
    elements = {
        str(each.get("name")): each
        for file in sorted(map_.glob("x86_*.xml"))
        for each in parse(file).iterfind("model")
    }
    return {name: _model(name, elements) for name in elements}


def _features(map_: Path) -> list[Element]:
    return list(parse(map_ / "x86_features.xml").iterfind("feature"))


def _model(name: str, elements: Mapping[str, Element]) -> Model:
    element = elements[name]
    base = element.find("model")
    has, some = (
        _model(str(base.get("name")), elements) if base is not None else (frozenset(), frozenset())
    )
    for feature in element.iterfind("feature"):
        own = frozenset({str(feature.get("name"))})
        has = has - own if feature.get("removed") == "yes" else has | own
        some |= own
    return has, some


if __name__ == "__main__":
    main()
