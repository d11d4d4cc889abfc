"""A small TCP proxy before a server, which behaves badly on demand: slow, resetting, hanging, refusing.

with Proxy(5432) as proxy:
    proxy.behave(Manner.HANGING)
    …
    proxy.behave(Manner.NORMAL)
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from enum import Enum
from types import TracebackType
from typing import Any, Self

from tests.ports import free_port

LATE_SECONDS = 0.5
"""How much later everything arrives, each way, while the proxy is slow."""
PIECE = 64 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)


class Manner(Enum):
    """How the proxy behaves, towards those who are connected already and those who come."""

    NORMAL = "normal"
    SLOW = "slow"
    """Everything arrives half a second late, each way."""
    RESETTING = "resetting"
    """Whoever is connected is cut off, whoever comes is cut off as soon as they say anything."""
    HANGING = "hanging"
    """Whoever comes gets in, and never hears a word."""
    TORN = "torn"
    """Half of the next answer arrives, and then nothing more."""
    REFUSING = "refusing"
    """Whoever is connected is cut off, and nobody gets in."""


class Proxy:
    """Listens on a port of this machine and passes everything on to a server, in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.port = free_port()
        self._target = (host, port)
        self._manner = Manner.NORMAL
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def behave(self, manner: Manner) -> None:
        """Be like that from now on; what was held back before is passed on when the new manner allows it."""
        self._do(self._change(manner))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", self.port, backlog=1024)

    async def _change(self, manner: Manner) -> None:
        self._manner = manner
        if manner in (Manner.RESETTING, Manner.REFUSING):
            self._cut_off_all()
        if manner is Manner.REFUSING and self._server is not None:
            self._server.close()
            self._server = None
        if manner is not Manner.REFUSING and self._server is None:
            await self._listen()
        self._changed.set()
        self._changed = asyncio.Event()

    async def _leave(self) -> None:
        if self._server is not None:
            self._server.close()
        self._manner = Manner.NORMAL
        self._changed.set()
        while self._talks:
            self._cut_off_all()
            await asyncio.wait(list(self._talks), timeout=0.1)

    def _cut_off_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        finally:
            self._talks.discard(talk)
            self._open.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._manner is Manner.RESETTING:
            await reader.read(1)
            _reset(writer)
            return
        there, back = await asyncio.open_connection(*self._target)
        self._open.add(back)
        try:
            await asyncio.gather(self._pass_on(reader, back, False), self._pass_on(there, writer, True))
        finally:
            self._open.discard(back)
            back.close()

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, answers: bool
    ) -> None:
        """Pass on what comes, in the manner of the moment, until one side ends."""
        with contextlib.suppress(ConnectionError):
            while piece := await source.read(PIECE):
                if self._manner is Manner.SLOW:
                    await asyncio.sleep(LATE_SECONDS)
                if self._manner is Manner.TORN and answers:
                    half = len(piece) // 2
                    target.write(piece[:half])
                    piece = piece[half:]
                while self._manner in (Manner.HANGING, Manner.TORN):
                    await self._changed.wait()
                target.write(piece)
                await target.drain()
        target.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut a connection off with a reset instead of a farewell."""
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
