"""Room for connections, in processes of their own, whose limits are set for good."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scripts.places import ROOT
from scripts.serving import OTHER_FILES

CODE = """
import resource, sys
from scripts.serving import make_room
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(make_room(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "room", "files"),
    [
        (512, 4096, 1000, 1000, 1000 + OTHER_FILES),
        (512, 1024, 1000, 1024 - OTHER_FILES, 1024),
        (4096, 4096, 1000, 1000, 4096),
    ],
)
def test_as_many_connections_are_taken_as_files_may_be_open(
    soft: int, hard: int, wanted: int, room: int, files: int
) -> None:
    words = [str(word) for word in (soft, hard, wanted)]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(room), str(files)]
