"""Which build of this run stands for which build of a baseline.

A new package gives the build a new name (`debian-11.1.3` becomes `debian-11.1.4`), and what
got worse is the very question then. `same` says which; else the same name is the same build;
where exactly one build of either run is left over, the two are taken for one another, which is
told and never silent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from qcompat.errors import UsageError


def partners(
    baseline: Collection[str], now: Collection[str], same: Mapping[str, str]
) -> dict[str, str]:
    """Names of the baseline's builds, each with the name of its partner in this run.

    A build without one is left out. Errors: UsageError where `same` names a build that is not
    there, or gives two builds one partner.
    """
    _refuse_strangers("the baseline", same.keys(), baseline)
    _refuse_strangers("this run", same.values(), now)
    _refuse_shared(same)
    found = {n: n for n in baseline if n in now and n not in {*same, *same.values()}} | {**same}
    alone = [name for name in baseline if name not in found]
    free = [name for name in now if name not in found.values()]
    return found | {alone[0]: free[0]} if len(alone) == len(free) == 1 else found


def _refuse_strangers(where: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            raise UsageError(
                f"no build of {where} is called {name!r}",
                f"did you mean {close[0]!r}?" if close else f"its builds: {', '.join(known)}",
            )


def _refuse_shared(same: Mapping[str, str]) -> None:
    first: dict[str, str] = {}
    for name, partner in same.items():
        if partner in first:
            raise UsageError(
                f"{first[partner]} and {name} of the baseline cannot both be {partner} now",
                "give every build of the baseline another one",
            )
        first[partner] = name
