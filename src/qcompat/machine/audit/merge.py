"""One cause, one finding: what several references show in the same way appears once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qcompat.machine.audit.finding import Audit

_SEVERITY = ("breaks", "suspicious", "unknown", "harmless")
_CERTAINTY = ("certain", "likely", "possible")


def merged(found: Iterable[Audit]) -> tuple[Audit, ...]:
    """Findings of one lint with the same values on some of the same types; the worst first.

    A reference with newer machine types shows more of a cause than an older one: the finding that
    reaches most of them represents all, so that its table is the newest that is needed.
    """
    groups: list[list[Audit]] = []
    for each in found:
        group = next((group for group in groups if _is_one_cause(each, group)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    return tuple(sorted((_one(group) for group in groups), key=_rank))


def _is_one_cause(each: Audit, group: Sequence[Audit]) -> bool:
    first = group[0]
    return (
        bool(each.against and each.property)
        and (each.lint, each.property) == (first.lint, first.property)
        and (each.value, each.reference) == (first.value, first.reference)
        and any(set(each.types) & set(other.types) for other in group)
        and all(set(each.against) != set(other.against) for other in group)
    )


def _one(group: Sequence[Audit]) -> Audit:
    if len(group) == 1:
        return group[0]
    most = max(group, key=lambda each: (len(each.machines), len(each.types)))
    against = tuple(dict.fromkeys(name for each in group for name in each.against))
    others = ", ".join(name for name in against if name not in most.against)
    return msgspec.structs.replace(
        most,
        severity=min((each.severity for each in group), key=_SEVERITY.index),
        certainty=min((each.certainty for each in group), key=_CERTAINTY.index),
        types=tuple(sorted({name for each in group for name in each.types})),
        machines=tuple(dict.fromkeys(name for each in (most, *group) for name in each.machines)),
        against=against,
        explanation=f"{most.explanation}. The same shows beside {others}",
    )


def _rank(each: Audit) -> tuple[int, int, str, str, str]:
    return (
        _SEVERITY.index(each.severity),
        _CERTAINTY.index(each.certainty),
        each.lint,
        each.driver,
        each.property,
    )
