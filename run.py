"""Starts the whole site on one machine: its own Redis, then what the Procfile names, under honcho.

    .venv/bin/python run.py [--procfile FILE]          (or `make run`, which first makes everything ready)

The environment decides the rest (see config.py). Ctrl-C or SIGTERM stops it all, and so does the death of
any one part. Nothing outlives this process: each part hangs on a tether (scripts/tether.py).
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from honcho.environ import parse_procfile

from config import BadSetting, Settings
from scripts import crew, instance, ports, redis_server, tether
from scripts.places import ROOT, VENV
from scripts.say import Trouble, complain, from_system, say, speak_utf8


def main() -> int:
    """Start, serve, stop. Returns 0 when asked to stop, 1 when something went wrong."""
    speak_utf8()
    tether.adopt_orphans()
    if "MAKELEVEL" in os.environ:
        # make passes no signal on when it is killed; the kernel does.
        tether.die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        serve(_procfile())
    except Trouble as trouble:
        complain(trouble)
        return 1
    except BadSetting as error:
        complain(Trouble(str(error), "Change or unset this variable and start again."))
        return 1
    except OSError as error:
        complain(from_system(error))
        return 1
    finally:
        tether.end_descendants()
    return 0


def _leave(signum: int, frame: FrameType | None) -> None:
    """Before honcho takes over: end by way of every `finally`."""
    sys.exit(0)


def _procfile() -> dict[str, str]:
    """Name → command of every part; `release` is what runs before them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--procfile", type=Path, default=ROOT / "Procfile")
    return dict(parse_procfile(parser.parse_args().procfile.read_text()).processes)


def serve(parts: dict[str, str]) -> None:
    """Run the site until it is asked to stop; raises `Trouble` for all that goes wrong."""
    folder = instance.instance_folder()
    instance.make_ready(folder)
    os.environ["INSTANCE"] = str(folder)
    settings = Settings.from_environment()
    address = ports.address(settings.host, settings.port)
    lock = instance.hold(folder, address)
    ports.check_free(settings.host, settings.port)
    redis = None
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = redis_server.address(folder)
        redis = redis_server.start(folder, lock)
    try:
        _release(parts.pop("release", "true"))
        crew.run(parts, _environment(), address, redis)
    finally:
        if redis is not None:
            redis_server.stop(redis, folder)


def _environment() -> dict[str, str]:
    """What every part finds in its environment: ours, with the virtual environment's programs first."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def _release(command: str) -> None:
    """Bring the database up to date before anything uses it."""
    say("5/5 데이터베이스와 첫 책꽂이를 살피고 있어요 (database and starter library) …")
    tethered = [sys.executable, "-m", "scripts.tether", str(os.getpid()), "sh", "-c", command]
    if subprocess.run(tethered, cwd=ROOT, env=_environment()).returncode:
        raise Trouble(
            "데이터베이스를 준비하지 못했어요. 까닭은 바로 위에 적혀 있어요.",
            "The database could not be made ready; the reason stands above.",
        )


if __name__ == "__main__":
    sys.exit(main())
