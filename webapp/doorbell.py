"""Redis, the doorbell: it carries word that something is to be done or has happened, never the thing itself.

When Redis is away, ringing does nothing and says so in the log: the relay clock rings again, readers ask the database.
"""

from __future__ import annotations

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()


class _Connection:
    """The one Redis client of this process, made by `connect`."""

    client: Redis | None = None


def connect(url: str) -> None:
    """Use the Redis at `url` from now on; it is reached at the first ring, not here."""
    _Connection.client = Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)


def client() -> Redis:
    """The Redis client; raises RuntimeError before `connect`."""
    if _Connection.client is None:
        raise RuntimeError("doorbell.connect has not been called")
    return _Connection.client


def ring(queue: str, function: str, job_id: int, *, timeout: int) -> bool:
    """Ask a worker to run `function(job_id)`; False when Redis does not answer. `timeout` is in seconds."""
    try:
        Queue(queue, connection=client(), serializer=JSONSerializer).enqueue(
            function, job_id, job_timeout=timeout, result_ttl=0, failure_ttl=3600
        )
    except RedisError as error:
        log.warning("doorbell_silent", queue=queue, job=job_id, error=str(error))
        return False
    return True


def publish(channel: str, message: str) -> bool:
    """Tell whoever listens on `channel`; False when Redis does not answer."""
    try:
        client().publish(channel, message)
    except RedisError as error:
        log.warning("doorbell_silent", channel=channel, error=str(error))
        return False
    return True


def answers() -> bool:
    """Whether Redis answers just now."""
    try:
        return bool(client().ping())
    except RedisError:
        return False
