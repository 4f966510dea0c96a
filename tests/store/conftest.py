"""A store on each database: SQLite in a file, PostgreSQL on a server of our own without TCP."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

USER = "postgres"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The directory of the socket of a running PostgreSQL, which ends with the tests."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL is not installed: `make test` installs it")
    directory = Path(tempfile.mkdtemp(prefix="qcompat-pg-"))
    as_user = _as_user(directory)
    initdb: list[str | Path] = [
        *as_user,
        programs[-1],
        "-D",
        directory / "data",
        "-A",
        "trust",
        "-U",
        "qcompat",
    ]
    subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, cwd="/")
    options: list[str | Path] = ["-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"]
    server = subprocess.Popen(
        [*as_user, programs[-1].with_name("postgres"), "-D", directory / "data", *options],
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(directory)
        yield directory
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(directory)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """An empty database of its own."""
    name = f"test_{os.getpid()}_{time.monotonic_ns()}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    yield _url(postgres_server, name)
    _run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.lab)])
def store_url(
    request: pytest.FixtureRequest, tmp_path: Path, getfixture: Callable[[str], str]
) -> str:
    """The address of a store that is not there yet, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/store.db"
    return getfixture("postgres_url")


@pytest.fixture
def getfixture(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """A fixture by name, only when it is needed."""
    return request.getfixturevalue


def _as_user(directory: Path) -> list[str]:
    """PostgreSQL refuses to run as root; the server dies with the tests, however they end."""
    tether = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() != 0:
        return tether
    who = pwd.getpwnam(USER)
    os.chown(directory, who.pw_uid, who.pw_gid)
    return [*tether, "--reuid", USER, "--regid", str(who.pw_gid), "--clear-groups"]


def _url(directory: Path, database: str) -> str:
    return f"postgresql+psycopg://qcompat@/{database}?host={directory}"


def _run(directory: Path, statement: str) -> None:
    engine = create_engine(_url(directory, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _await(directory: Path) -> None:
    for _ in range(300):
        try:
            _run(directory, "SELECT 1")
            return
        except Exception:  # it is still starting
            time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not start")
