"""The facts of a build's machine types: from the cache, by asking the build, or as shipped.

A registered build is asked once; for a build that is not on this machine the facts are those that
come with qcompat.
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.builds.registry import Registry
from qcompat.errors import BuildError, FileFormatError, UnknownBuildError, UsageError
from qcompat.local.event_loop import wait_for_event_loop
from qcompat.local.home import cache_home, data_home
from qcompat.machine.model import MachineFacts
from qcompat.machine.store import place_of, read_facts, shipped, write_facts
from qcompat.portrait.accel_choice import AccelChoice
from qcompat.qemu.shortage import shortage_in


async def obtain_machines(
    name: str,
    announce: Callable[[str], None],
    *,
    accel: AccelChoice = "auto",
    observed: bool = True,
) -> MachineFacts:
    """The facts of the build called `name`; `announce` gets a line before a long gathering.

    By `auto` facts that are at hand count whatever the build was asked with; else it is asked with
    `accel`, whose answers are kept beside the others. Without `observed` what devices show under
    each machine type is left out.

    Errors: UnknownBuildError, and those of asking.
    """
    registry = Registry(data_home())
    ready = shipped()
    if name not in registry.names():
        if name not in ready:
            raise _unknown(name, [*registry.names(), *ready])
        return read_facts(ready[name], observed=observed)
    build = registry.get(name)
    if name in ready and accel == "auto":
        facts = read_facts(ready[name], observed=observed)
        if facts.identity == build.identity:
            return facts
    kept = place_of(build, cache_home(), accel)
    if kept.exists():
        try:
            return read_facts(kept, observed=observed)
        except FileFormatError:
            kept.unlink(missing_ok=True)
    await wait_for_event_loop()  # what comes before it may be done twice
    announce(f"asking {name} about its machine types; this is done once and takes a minute or two")
    facts = await _gather(name, registry, accel)
    if not _lacks_something_here(facts):
        write_facts(facts, kept)
    return facts


def _lacks_something_here(facts: MachineFacts) -> bool:
    """Whether types are missing for a reason that may be gone with the next attempt."""
    reasons = {reason for one in facts.observed.values() for reason in one.skipped.values()}
    found = map(shortage_in, reasons)
    return any(shortage is not None and shortage.may_pass for shortage in found)


def find_machine(facts: MachineFacts, name: str) -> str:
    """The machine type that a name or an alias stands for. Errors: UsageError."""
    for machine in facts.machines:
        if name in (machine.name, machine.alias):
            return machine.name
    known = ", ".join(machine.name for machine in facts.machines if machine.alias) or "none"
    raise UsageError(
        f"{facts.identity.version} has no machine type {name!r}",
        f"the newest ones: {known}; `qcompat machine list` shows all",
    )


async def _gather(name: str, registry: Registry, choice: AccelChoice) -> MachineFacts:
    # Asking needs asyncio and qemu.qmp; an answer from a file must not wait for their import.
    import asyncio

    from qcompat.builds.learn.learn import learn
    from qcompat.machine.ask.gather import gather
    from qcompat.portrait.accel_choice import choose_accel

    build = registry.get(name)
    facts = await asyncio.to_thread(learn, build, cache=cache_home())
    accel = choose_accel(choice, build.architecture, {name: facts.accelerators})
    found = await gather(build, facts, accel)
    if not any(each.devices for each in found.observed.values()):
        raise BuildError(
            f"no device could be made on any machine type of {name}",
            "does a guest start on it? try: qcompat portrait take",
        )
    return found


def _unknown(name: str, known: list[str]) -> UnknownBuildError:
    names = ", ".join(dict.fromkeys(known)) or "none"
    return UnknownBuildError(
        f"no build is called {name!r}: neither registered nor known to qcompat",
        f"known builds: {names}; `qcompat builds fetch` or `qcompat builds add` adds one",
    )
