"""NUMA nodes, and what is told of the ways between them (libvirt: qemuBuildNumaCommandLine)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.backing import Wanted, backend_of, cell_of
from qcompat.guest.given.domain.line.words import Words, option
from qcompat.guest.given.domain.memory import cell_processors, cells, takes_sizes_of_cells
from qcompat.guest.given.domain.values import count, kibibytes, part, ranges, size


def numa(domain: Domain) -> Words:
    """The NUMA nodes, with what lies behind each, distances and their attributes."""
    sizes = cells(domain)
    wanted = [
        Wanted(f"ram-node{number}", each, number, cell_of(domain, number))
        for number, each in enumerate(sizes)
    ]
    backends = [backend_of(domain, each) for each in wanted]
    attributes = domain.element.find("cpu/numa/interconnects") is not None
    is_backed = attributes or not takes_sizes_of_cells(domain) or any(n for _, n in backends)
    processors = cell_processors(domain)
    first = next((n for n, cpus in enumerate(processors) if cpus), 0)
    for number_, (backend, _) in enumerate(backends):
        if is_backed:
            yield from option("object", backend)
        said = [f"node,nodeid={number_}", *(f"cpus={each}" for each in ranges(processors[number_]))]
        if attributes:
            said.append(f"initiator={_initiator(domain, number_, processors, first)}")
        behind = f"memdev=ram-node{number_}" if is_backed else f"mem={sizes[number_] // 1024}"
        yield from ("-numa", ",".join((*said, behind)))
    yield from _distances(domain, len(sizes))
    if attributes:
        yield from _attributes(domain, wanted)


def _initiator(domain: Domain, node: int, processors: list[tuple[int, ...]], usual: int) -> int:
    """The node that reaches this one best: itself, if it has processors (src/conf/numa_conf.c)."""
    if processors[node]:
        return node
    reached = [
        each for each in domain.part("cpu/numa/interconnects") if count(each, "target") == node
    ]
    latency = [each for each in reached if each.tag == "latency"]
    found = min(latency, key=_value) if latency else max(reached, key=_value, default=None)
    initiator = count(found, "initiator") if found is not None else None
    return usual if initiator is None else initiator


def _value(interconnect: Element) -> int:
    return count(interconnect, "value") or 0


def _distances(domain: Domain, nodes: int) -> Words:
    given: dict[tuple[int, int], int] = {}
    for source in range(nodes):
        for sibling in cell_of(domain, source).iterfind("distances/sibling"):
            target, value = count(sibling, "id"), count(sibling, "value")
            if target is not None and value is not None:
                given[source, target] = value
    if not given:
        return
    for source in range(nodes):
        for target in range(nodes):
            usual = 10 if source == target else given.get((target, source), 20)
            value = given.get((source, target), usual)
            yield from ("-numa", f"dist,src={source},dst={target},val={value}")


_HIERARCHY = ("memory", "first-level", "second-level", "third-level")
_ASSOCIATIVITY = {"none": "none", "direct": "direct", "full": "complex"}
_CACHE_POLICY = {"none": "none", "writeback": "write-back", "writethrough": "write-through"}


def _attributes(domain: Domain, wanted: list[Wanted]) -> Words:
    """The HMAT: latencies and bandwidths between nodes, and caches beside memory."""
    for each in domain.part("cpu/numa/interconnects"):
        is_latency = each.tag == "latency"
        value = count(each, "value") if is_latency else kibibytes(each, "KiB", "value")
        level = _HIERARCHY[min(count(each, "cache") or 0, 3)]
        said = f"hmat-lb,initiator={each.get('initiator')},target={each.get('target')}"
        kind = f"data-type={each.get('type')}-{each.tag}"
        amount = f"{each.tag}={value}{'' if is_latency else 'K'}"
        yield from ("-numa", f"{said},hierarchy={level},{kind},{amount}")
    for number_, cell in enumerate(wanted):
        for cache in cell.element.iterfind("cache"):
            extent, line = part(cache, "size"), part(cache, "line")
            said = f"hmat-cache,node-id={number_},size={kibibytes(extent, 'KiB', 'value')}K"
            said += f",level={cache.get('level')}"
            said += f",associativity={_ASSOCIATIVITY.get(cache.get('associativity', ''), 'none')}"
            said += f",policy={_CACHE_POLICY.get(cache.get('policy', ''), 'none')}"
            if line.get("value"):
                said += f",line={size(line, 'B', 'value')}"
            yield from ("-numa", said)
