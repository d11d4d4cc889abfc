"""How gunicorn serves the site: which connections it keeps for another request."""

from __future__ import annotations

import select
from dataclasses import replace
from http.client import HTTPConnection

import pytest
from flask import Flask

from config import Settings
from tests.faults.web import served
from tests.ports import free_port

LONGER_THAN_A_BROWSER_NEEDS = 3.0


@pytest.mark.parametrize(("proxies", "is_kept"), [(0, False), (1, True)])
def test_only_a_proxy_finds_its_connection_again_after_a_while(
    app: Flask, settings: Settings, proxies: int, is_kept: bool
) -> None:
    port = free_port()
    with served(replace(settings, port=port), TRUSTED_PROXIES=str(proxies)):
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        assert (answer.status, answer.read() != b"") == (200, True)
        # Nothing was asked for: all that can come now is the connection's end.
        ended, _, _ = select.select([connection.sock], [], [], LONGER_THAN_A_BROWSER_NEEDS)
        connection.close()
    assert (not ended) is is_kept
