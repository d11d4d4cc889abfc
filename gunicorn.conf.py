"""How gunicorn serves 이음; read by gunicorn from the folder that it is started in."""

from config import Settings
from scripts.serving import Worker, make_room

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = _settings.web_workers
# Readers of the live pages hold a connection each: greenlets carry thousands of them, threads a handful.
worker_class = Worker
worker_connections = make_room(10_000)
# How long requests in flight may take at the end; streams do not wait for it. All parts end within 10 seconds.
graceful_timeout = 7
# A proxy uses its connections again after a minute, and answers 502 when we close one at that very moment.
keepalive = 75 if _settings.trusted_proxies else 2
# The control socket would lie outside the instance folder, and two sites would share it.
control_socket_disable = True
# run.py says when the site is open; gunicorn need only speak when something is wrong.
loglevel = "warning"
proc_name = "ieum-web"
