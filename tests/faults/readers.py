"""A crowd of readers of one story's stream, in a process of their own, so that the test can watch the site meanwhile.

    python -m tests.faults.readers PORT STORY LAST_ID CLIENTS DROPS

They begin where LAST_ID was seen. Each breaks its connection DROPS times, wherever the stream just is, and comes back
with the id of the last event that it has seen whole, as a browser does. Printed are `open` once all have begun,
`dropped` once all have broken off that often, and, after an event `checkpoint`, which is the last, what they saw.
"""

from __future__ import annotations

import asyncio
import json
import queue
import random
import resource
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Self

from config import ROOT

LAST = "checkpoint"
PIECE_BYTES = 150
"""Read at once by who is about to break off: less than an event, so that it happens within one."""
LONGEST_STAY_SECONDS = 2.0
LONGEST_BREAK_SECONDS = 0.3


@dataclass
class Reader:
    """What one reader has seen: ids of `progress` in their order; how often the other side broke off, or asked to come
    again later; how many seconds it took each time to be let in."""

    last_id: int
    seen: list[int] = field(default_factory=list)
    broken: int = 0
    put_off: int = 0
    waits: list[float] = field(default_factory=list)
    over: bool = False

    def take(self, frame: bytes) -> None:
        """A whole event, or an id alone, or a beat."""
        values = dict(line.partition(b": ")[::2] for line in frame.split(b"\n"))
        if b"id" in values:
            self.last_id = int(values[b"id"])
        if values.get(b"event") == b"progress":
            self.seen.append(self.last_id)
        self.over = self.over or values.get(b"event") == LAST.encode()
        assert values.get(b"event") != b"reset", "nobody was away for so long"


class Crowd:
    """All of them."""

    def __init__(self, port: int, story_id: int, last_id: int, clients: int, drops: int) -> None:
        self._port, self._story_id, self._drops = port, story_id, drops
        self.readers = [Reader(last_id) for _ in range(clients)]
        self._begun = self._done = 0
        # Not all at the very same moment: nobody's listening queue is that long.
        self._door = asyncio.Semaphore(100)

    async def read(self) -> None:
        """Until the last event has come to everybody."""
        await asyncio.gather(*map(self._live, self.readers))

    async def _live(self, reader: Reader) -> None:
        for turn in range(self._drops):
            await self._stay(reader, random.random() * LONGEST_STAY_SECONDS, begins=not turn)
            await asyncio.sleep(random.random() * LONGEST_BREAK_SECONDS)
        self._done += 1
        if self._drops and self._done == len(self.readers):
            print("dropped", flush=True)
        begins = not self._drops
        while not reader.over:
            await self._stay(reader, None, begins=begins)
            reader.broken += not reader.over
            begins = False

    async def _stay(self, reader: Reader, seconds: float | None, *, begins: bool) -> None:
        """Read for so long, or until the other side ends it or nothing comes any more."""
        asked = time.monotonic()
        while (streams := await self._let_in(reader)) is None:
            reader.put_off += 1
            await asyncio.sleep(0.5)
        stream, out = streams
        reader.waits.append(time.monotonic() - asked)
        self._begin(begins)
        try:
            async with asyncio.timeout(seconds):
                await self._listen(reader, stream, PIECE_BYTES if seconds else 64 * 1024)
        except (TimeoutError, ConnectionError):
            pass
        finally:
            # Half of them close the connection, the others are torn away.
            out.close() if random.random() < 0.5 else out.transport.abort()

    async def _let_in(self, reader: Reader) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A stream that has begun; None when the site asks to come again later."""
        async with self._door:
            stream, out = await asyncio.open_connection("127.0.0.1", self._port, limit=64 * 1024)
            out.write(self._request(reader))
            first = await stream.readuntil(b"\r\n\r\n")
            if first.startswith(b"HTTP/1.0 503"):
                out.close()
                return None
            assert first.startswith(b"HTTP/1.0 200"), first
            assert b"retry:" in await stream.readuntil(b"\n\n")
            return stream, out

    def _request(self, reader: Reader) -> bytes:
        # HTTP/1.0, so that the stream comes as it is and not in chunks.
        return (
            f"GET /live/stories/{self._story_id} HTTP/1.0\r\nLast-Event-ID: {reader.last_id}\r\n\r\n".encode()
        )

    def _begin(self, begins: bool) -> None:
        self._begun += begins
        if begins and self._begun == len(self.readers):
            print("open", flush=True)

    async def _listen(self, reader: Reader, stream: asyncio.StreamReader, most: int) -> None:
        waiting = b""
        while not reader.over and (piece := await stream.read(most)):
            *frames, waiting = (waiting + piece).split(b"\n\n")
            for frame in frames:
                reader.take(frame)


def main() -> None:
    """Read, and print what was seen."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(*map(int, sys.argv[1:]))
    asyncio.run(crowd.read())
    for reader in crowd.readers:
        print(json.dumps(asdict(reader)), flush=True)


class Readers:
    """The crowd in a process of its own, until the block ends."""

    def __init__(self, port: int, story_id: int, last_id: int, clients: int, drops: int = 0) -> None:
        words = [str(word) for word in (port, story_id, last_id, clients, drops)]
        command = [sys.executable, "-m", "tests.faults.readers", *words]
        self._clients = clients
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def says(self, word: str) -> bool:
        """Whether the next thing they said is this; False while they say nothing."""
        try:
            said = self._lines.get_nowait()
        except queue.Empty:
            assert self._process.poll() is None, "the readers have ended"
            return False
        assert said == word, said[:500]
        return True

    def seen(self, seconds: float) -> list[Reader]:
        """What each of them saw, once the last event has come to all."""
        assert self._process.wait(seconds) == 0
        self._thread.join()
        lines = [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        found = [Reader(**json.loads(line)) for line in lines if line.startswith("{")]
        assert len(found) == self._clients
        return found


if __name__ == "__main__":
    main()
