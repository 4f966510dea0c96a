"""Which build of a baseline corresponds to which build of this run. Pure.

A new package gives the build a new name (`debian-11.1.3` becomes `debian-11.1.4`), and what got
worse is the very question then. `same` says which is which; else equal names are one build; and
where exactly one build of either run is left over, these two are matched, which is always shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from qcompat.errors import UsageError
from qcompat.trial.matrix.cell import Matrix


def match_builds(
    baseline: Matrix, builds: Collection[str], accel: str, same: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The baseline's builds with their matches among `builds`; ask this before a long run.

    Errors: UsageError where the two runs cannot be compared.
    """
    if baseline.accel and accel and baseline.accel != accel:
        raise UsageError(
            f"the baseline was run with {baseline.accel}, and this run is with {accel}: guests "
            "send different state then",
            f"run with --accel {baseline.accel}, or make a new baseline",
        )
    found = match_names(baseline.builds, builds, same or {})
    if not found:
        raise UsageError(
            f"the baseline and this run share no build: then {', '.join(baseline.builds)}, "
            f"now {', '.join(builds)}",
            "say which build corresponds to which, as in --same OLD=NEW",
        )
    return found


def match_names(
    baseline: Collection[str], now: Collection[str], same: Mapping[str, str]
) -> dict[str, str]:
    """Names of the baseline's builds, each with the name of its match in this run.

    A build without one is left out. Errors: UsageError where `same` names a build that is not
    there, or gives two builds the same match.
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
    for name, match in same.items():
        if match in first:
            raise UsageError(
                f"{first[match]} and {name} of the baseline cannot both be {match} now",
                "give every build of the baseline another one",
            )
        first[match] = name
