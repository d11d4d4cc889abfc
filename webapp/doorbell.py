"""Redis, the doorbell: it carries word that something is to be done or has happened, never the thing itself.

When Redis is away, ringing does nothing and says so in the log: the relay clock rings again, readers ask the database.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import ClassVar, TypeVar

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()
T = TypeVar("T")

BREATH_SECONDS = 0.05
"""How long after it has told something a process says nothing, so that what many do at once is told in one go."""

ANSWER_SECONDS = 1.0
"""How long an answer is waited for."""
SLOW_SECONDS = 0.25
QUIET_SECONDS = 2.0
"""For so long a doorbell that was silent, or slower than SLOW_SECONDS, is left alone: nobody's request waits twice."""


class _Connection:
    """The one Redis client of this process, made by `connect`, and until when it is left alone."""

    client: Redis | None = None
    quiet_until = 0.0


def connect(url: str) -> None:
    """Use the Redis at `url` from now on; it is reached at the first ring, not here."""
    _Connection.client = Redis.from_url(
        url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )
    _Connection.quiet_until = 0.0


def client() -> Redis:
    """The Redis client; raises RuntimeError before `connect`."""
    if _Connection.client is None:
        raise RuntimeError("doorbell.connect has not been called")
    return _Connection.client


def ring(queue: str, function: str, job_id: int, *, first: bool = False) -> bool:
    """Ask a worker to run `function(job_id)`, before or after all that waits in the queue; False when Redis does not
    answer. The worker limits the time itself."""

    def enqueue(redis: Redis) -> bool:
        name = f"{job_id}-{secrets.token_hex(4)}"
        _queue(queue, redis).enqueue(
            function, job_id, job_id=name, at_front=first, job_timeout=-1, result_ttl=0, failure_ttl=3600
        )
        return True

    return _ask(enqueue, otherwise=False)


def waiting(queue: str) -> set[int]:
    """The jobs that workers have been asked to run and have not taken up yet; none when Redis does not answer."""

    def names(redis: Redis) -> set[int]:
        heads = (name.partition("-")[0] for name in _queue(queue, redis).get_job_ids())
        return {int(head) for head in heads if head.isdecimal()}

    return _ask(names, otherwise=set())


def _queue(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def publish(channel: str, message: str) -> bool:
    """Tell whoever listens on `channel`; False when Redis does not answer."""

    def tell(redis: Redis) -> bool:
        redis.publish(channel, message)
        return True

    return _ask(tell, otherwise=False)


def publish_soon(channel: str, message: str) -> None:
    """The same for those who cannot wait even for Redis. What is said again before it was told is told once."""
    with _Unsaid.news:
        _Unsaid.messages[channel, message] = None
        # In a process that has forked from another one there is no thread but the present one.
        if _Unsaid.teller is None or not _Unsaid.teller.is_alive():
            _Unsaid.teller = threading.Thread(target=_tell, name="doorbell", daemon=True)
            _Unsaid.teller.start()
        _Unsaid.news.notify()


class _Unsaid:
    """What is to be told, and the thread that does so."""

    news = threading.Condition()
    messages: ClassVar[dict[tuple[str, str], None]] = {}
    teller: threading.Thread | None = None


def _tell() -> None:
    while True:
        with _Unsaid.news:
            _Unsaid.news.wait_for(lambda: _Unsaid.messages)
            # Before they are told: whoever says one again from now on wants it told again.
            unsaid, _Unsaid.messages = list(_Unsaid.messages), {}
        for channel, message in unsaid:
            publish(channel, message)
        time.sleep(BREATH_SECONDS)


def _ask(question: Callable[[Redis], T], *, otherwise: T) -> T:
    """The answer to a question, or `otherwise` where there is none or Redis is left alone just now."""
    began = time.monotonic()
    if began < _Connection.quiet_until:
        return otherwise
    try:
        found, trouble = question(client()), ""
    except RedisError as error:
        found, trouble = otherwise, str(error)
    ended = time.monotonic()
    if trouble or ended - began > SLOW_SECONDS:
        log.warning("doorbell_silent", seconds=round(ended - began, 3), error=trouble)
        _Connection.quiet_until = ended + QUIET_SECONDS
    return found


def answers() -> bool:
    """Whether Redis answers just now."""
    try:
        there = bool(client().ping())
    except RedisError:
        return False
    _Connection.quiet_until = 0.0
    return there
