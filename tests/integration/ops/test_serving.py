"""How gunicorn serves the site: which connections it keeps for another request."""

from __future__ import annotations

import http.client
import time
from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from tests.faults.web import served
from tests.site import free_port

LONGER_THAN_A_BROWSER_NEEDS = 3.0


@pytest.mark.parametrize(("proxies", "is_kept"), [(0, False), (1, True)])
def test_only_a_proxy_finds_its_connection_again_after_a_while(
    app: Flask, settings: Settings, proxies: int, is_kept: bool
) -> None:
    port = free_port()
    with served(replace(settings, port=port), TRUSTED_PROXIES=str(proxies)):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        assert _status(connection) == 200
        used = connection.sock
        time.sleep(LONGER_THAN_A_BROWSER_NEEDS)
        used.setblocking(False)
        try:
            still_there = used.recv(1) != b""
        except BlockingIOError:
            still_there = True
        connection.close()
    assert still_there is is_kept


def _status(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    answer.read()
    return answer.status
