"""The address that the site listens on: whether it is free, and how to write it."""

from __future__ import annotations

import errno
import socket

from scripts.say import Trouble

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def reachable_host(host: str) -> str:
    """An address under which this machine itself reaches a server that listens on `host`."""
    return _EVERYWHERE.get(host, host)


def address(host: str, port: int) -> str:
    """The web address to open in a browser on this machine."""
    name = reachable_host(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def check_free(host: str, port: int) -> None:
    """Raises `Trouble` if we could not listen there."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: connections that are just closing do not keep the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise _explain(error, host, port) from error


def _explain(error: OSError, host: str, port: int) -> Trouble:
    if error.errno == errno.EADDRINUSE:
        return Trouble(
            f"{port}번 포트를 다른 프로그램이 쓰고 있어요. 다른 번호로 시작해 주세요: make run PORT={port + 1}",
            f"Port {port} is in use by another program; try make run PORT={port + 1}.",
        )
    if error.errno == errno.EACCES:
        return Trouble(
            f"{port}번 포트는 관리자만 열 수 있어요. 1024 이상의 번호를 골라 주세요: make run PORT=8000",
            f"Port {port} needs administrator's rights; choose 1024 or above.",
        )
    return Trouble(
        f"{host} 주소에서는 열 수 없어요. HOST를 살펴봐 주세요 (보통 127.0.0.1).",
        f"The address {host} cannot be used here; check HOST (usually 127.0.0.1).",
    )
