"""Running batches on other machines that have the builds, over a Dask scheduler.

A batch goes out and a report comes back; streams stay where they are made. A worker runs the
build that is registered there under the same name, and only if it is the very same binary. Who
may talk to the scheduler, and over what connection, is for Dask and its user to decide.
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
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.running.run_batch import run_batch

QEMUS_EACH = 2
"""QEMUs at once for each thread of a worker."""
CONNECT_SECONDS = 20


class Cluster:
    """Runs batches on the workers of a scheduler."""

    def __init__(self, client: Any, threads: int) -> None:
        self._client = client
        self.width = threads + 2

    async def perform(self, batch: Batch) -> BatchReport:
        """Run a batch on a worker. Raises what it raised; BuildError for another build there."""
        future = self._client.submit(run_here, batch, pure=False)
        try:
            report = await future
        except asyncio.CancelledError:
            await future.cancel()
            raise
        assert isinstance(report, BatchReport)
        return report


@contextlib.asynccontextmanager
async def connect(address: str, builds: Sequence[Build], accel: Accel) -> AsyncIterator[Cluster]:
    """The workers at a scheduler's address, after checking that each has the builds.

    Errors: UsageError without `distributed`, for an invalid address or a scheduler without
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
            f"{address!r} is not a scheduler's address: {error}", "write tcp://HOST:PORT or tls://…"
        ) from error
    try:
        threads = await client.nthreads()
        if not threads:
            raise UsageError(f"the scheduler at {address} has no workers", "start `dask worker`")
        _refuse_missing(await client.run(missing_here, tuple(builds), accel))
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


def _refuse_missing(missing: Mapping[str, str]) -> None:
    refusals = [f"{worker}: {why}" for worker, why in missing.items() if why]
    if refusals:
        raise BuildError(
            "not every worker can take part: " + "; ".join(refusals),
            "register the same builds there, under the same names, or stop those workers",
        )


def missing_here(builds: Sequence[Build], accel: Accel) -> str:
    """Why this machine cannot take part, empty if it can; called on a worker."""
    missing = ["KVM cannot be used there"] if accel == "kvm" and not has_kvm() else []
    for build in builds:
        try:
            confirm(own_build(build))
        except QcompatError as error:
            missing.append(error.message)
    return ", ".join(missing)


async def run_here(batch: Batch) -> BatchReport:
    """Run a batch with this machine's own builds; called in a worker's own event loop."""
    here = msgspec.structs.replace(
        batch,
        source=own_build(batch.source),
        targets=tuple(own_build(target) for target in batch.targets),
    )
    report = await run_batch(here, asyncio.Semaphore(QEMUS_EACH))
    return msgspec.structs.replace(report, batch=batch)


def own_build(build: Build) -> Build:
    """The build registered here under that name. Errors: BuildError if it is another one."""
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
