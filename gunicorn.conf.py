"""How gunicorn serves 이음; read by gunicorn from the folder that it is started in."""

from config import Settings

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = _settings.web_workers
# Readers of the live pages hold a connection each: greenlets carry thousands of them, threads a handful.
worker_class = "gevent"
worker_connections = 10_000
# Live connections never end by themselves, so waiting longer for them at the end helps nobody.
graceful_timeout = 2
# The control socket would lie outside the instance folder, and two sites would share it.
control_socket_disable = True
# run.py says when the site is open; gunicorn need only speak when something is wrong.
loglevel = "warning"
proc_name = "ieum-web"
