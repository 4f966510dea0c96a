"""Performing batches on other machines that have the builds, over a Dask scheduler.

A batch goes out and a report comes back; streams stay where they are made. A worker runs the
build that it has registered under the name, and only if that is the very same binary. Who may
talk to the scheduler, and over what, is Dask's and its user's business.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.identify import confirm
from qcompat.builds.registry import Registry
from qcompat.errors import BuildError, EnvironmentError_, QcompatError, UsageError
from qcompat.local.home import data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.deciding.batch import Batch, Report, carry_out

QEMUS_EACH = 2
"""QEMUs at once for each thread of a worker."""
CONNECT_SECONDS = 20


class Cluster:
    """The workers of a scheduler, as performers of batches."""

    def __init__(self, client: Any, threads: int) -> None:
        self._client = client
        self.width = threads + 2

    async def perform(self, batch: Batch) -> Report:
        """Have a worker do a batch. Raises what it raised, and BuildError for a strange build."""
        future = self._client.submit(do_here, batch, pure=False)
        try:
            report = await future
        except asyncio.CancelledError:
            await future.cancel()
            raise
        assert isinstance(report, Report)
        return report


@contextlib.asynccontextmanager
async def connect(address: str, builds: Sequence[Build], accel: Accel) -> AsyncIterator[Cluster]:
    """The workers at a scheduler's address, after each has been asked for the builds.

    Errors: UsageError without `distributed`, for an address that is none or a scheduler without
    workers; EnvironmentError_ for one that does not answer; BuildError for a worker that lacks
    a build.
    """
    distributed = _distributed()
    try:
        client = await distributed.Client(
            address, asynchronous=True, timeout=CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, TimeoutError) as error:
        raise EnvironmentError_(
            f"the scheduler at {address} does not answer: {error}", "is `dask scheduler` running?"
        ) from error
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{address!r} is no scheduler's address: {error}", "write tcp://HOST:PORT or tls://…"
        ) from error
    try:
        threads = await client.nthreads()
        if not threads:
            raise UsageError(f"the scheduler at {address} has no workers", "start `dask worker`")
        _refuse(await client.run(lacking_here, tuple(builds), accel))
        yield Cluster(client, sum(threads.values()))
    finally:
        await client.close()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "--workers needs the library distributed, which is not installed",
            "pip install 'qcompat[cluster]'",
        ) from error
    return distributed


def _refuse(lacking: Mapping[str, str]) -> None:
    told = [f"{worker}: {why}" for worker, why in lacking.items() if why]
    if told:
        raise BuildError(
            "not every worker can take part: " + "; ".join(told),
            "register the same builds there, under the same names, or stop those workers",
        )


def lacking_here(builds: Sequence[Build], accel: Accel) -> str:
    """Why this machine cannot take part, empty if it can; runs on a worker."""
    told = ["KVM cannot be used there"] if accel == "kvm" and not has_kvm() else []
    for build in builds:
        try:
            confirm(own(build))
        except QcompatError as error:
            told.append(error.message)
    return ", ".join(told)


def do_here(batch: Batch) -> Report:
    """Do a batch with this machine's own builds; runs on a worker, in a thread of its own."""
    here = msgspec.structs.replace(
        batch, source=own(batch.source), targets=tuple(own(target) for target in batch.targets)
    )
    report = asyncio.run(carry_out(here, asyncio.Semaphore(QEMUS_EACH)))
    return msgspec.structs.replace(report, batch=batch)


def own(build: Build) -> Build:
    """The build that is registered here under that name. Errors: BuildError for another one."""
    try:
        found = Registry(data_home()).get(build.name)
    except UsageError as error:
        raise BuildError(error.message, error.hint) from error
    if found.identity.sha256 != build.identity.sha256:
        raise BuildError(
            f"its build {build.name} is another one: {found.identity.package or '?'} "
            f"({found.identity.sha256[:12]}), not {build.identity.package or '?'} "
            f"({build.identity.sha256[:12]})",
            "register the same binary on every worker",
        )
    return found
