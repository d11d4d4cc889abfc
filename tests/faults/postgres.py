"""A PostgreSQL server of a test's own, which may be killed in the middle of its work and started again.

    with own_postgres() as server:
        url = server.new_database()
        server.kill()
        server.start()

It keeps its word to the disk as PostgreSQL does by default (fsync, synchronous_commit), so what it has acknowledged
is there after every crash.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

NOBODY_SPECIAL = "postgres"
"""PostgreSQL refuses to serve root; where tests run as root, the server runs as this user."""
START_SECONDS = 60.0


class PostgresServer:
    """A server in a folder of its own, on a port of its own; everybody on this machine may come in."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._folder = binaries, folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
        )

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *words],
            cwd=self._folder,
            user=_user(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start, mend what a crash has left behind, and return once the server answers."""
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", str(self._data), *words],
                cwd=self._folder,
                user=_user(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, f"PostgreSQL ended before it answered:\n{self.log()}"
            assert time.monotonic() < deadline, f"PostgreSQL does not answer:\n{self.log()}"
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL for the server and all its processes at one moment, as if the power had failed for it alone."""
        assert self._process is not None
        # A stopped postmaster begins no more processes while the living ones are counted.
        os.kill(self._process.pid, signal.SIGSTOP)
        family = [self._process.pid, *_children_of(self._process.pid)]
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(_lives(pid) for pid in family):
            time.sleep(0.005)
        self._process = None

    def new_database(self) -> str:
        """The SQLAlchemy address of a new, empty database."""
        name = f"ieum_{secrets.token_hex(4)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def program(self, name: str) -> Path:
        """One of the programs that came with the server."""
        return self._binaries / name

    def address(self, database: str) -> str:
        """Where a database of this server is, for libpq."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def log_file(self) -> Path:
        """What the server printed."""
        return self._folder / "server.log"

    def log(self) -> str:
        """The end of what the server printed."""
        return self.log_file.read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """End the server if it lives, without waiting for those who are connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)
        self._process = None


@contextmanager
def own_postgres() -> Iterator[PostgresServer]:
    """A running server, gone with its files at the end; skips where PostgreSQL is not installed, and fails under CI."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="ieum-postgres-"))
    if _user() is not None:
        shutil.chown(folder, _user())
    try:
        server = PostgresServer(binaries, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """The folder with `postgres` and `initdb`: Debian's newest, or the one on the PATH."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parent.parent.name)
    )
    found = installed[-1] if installed else shutil.which("postgres")
    reason = _why_not(found)
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason or found is None:
        pytest.skip(reason)
    return Path(found).parent


def _why_not(found: Path | str | None) -> str:
    if found is None:
        return "no PostgreSQL server is installed on this machine"
    if os.geteuid() == 0 and NOBODY_SPECIAL not in {user.pw_name for user in pwd.getpwall()}:
        return f"PostgreSQL does not run as root, and there is no user {NOBODY_SPECIAL}"
    return ""


def _user() -> str | None:
    """Whom the server runs as; None: as ourselves."""
    return NOBODY_SPECIAL if os.geteuid() == 0 else None


def _children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    """Whether the process is there and not only waiting to be buried."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
