"""Makes a bare checkout ready, then becomes the Python of its virtual environment.

    python3 -m scripts.bootstrap [--dev] [--browser] ARGUMENTS…

--dev brings what tests and linters need, --browser a browser for the tests. ARGUMENTS are handed to that
Python (`run.py`, `-m pytest …`). Runs on the standard library alone; what is ready already is not done again,
so a second start costs a fraction of a second.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import NoReturn

from scripts import browser, front_end, python_packages, translations
from scripts.places import PYTHON, ROOT
from scripts.say import Trouble, complain, from_system, say, speak_utf8

FLAGS = ("--dev", "--browser")


def main() -> NoReturn:
    """Prepare, and hand over to the environment's Python; or exit with a sentence that says what is wrong."""
    speak_utf8()
    flags, arguments = split_flags(sys.argv[1:])
    try:
        prepare(flags)
    except Trouble as trouble:
        complain(trouble)
        sys.exit(1)
    except OSError as error:
        complain(from_system(error))
        sys.exit(1)
    except KeyboardInterrupt:
        say("", "멈췄어요. 다시 시작하면 이어서 준비해요. (stopped; the next start goes on from here)")
        sys.exit(130)
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])


def prepare(flags: set[str]) -> None:
    """Every step of set-up, in the order in which they need each other."""
    with one_at_a_time():
        python_packages.prepare(dev="--dev" in flags)
        front_end.prepare()
        translations.prepare()
        if "--browser" in flags:
            browser.prepare()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the checkout, so that `make run` and `make test` do not set it up at once."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("다른 창에서 준비하고 있어서 기다려요 (another set-up is under way) …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def split_flags(arguments: list[str]) -> tuple[set[str], list[str]]:
    """Our own flags, which stand first, and what is meant for the Python that we become."""
    own = list(takewhile(FLAGS.__contains__, arguments))
    return set(own), arguments[len(own) :]


if __name__ == "__main__":
    main()
