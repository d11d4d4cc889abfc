"""The zip of a book, read within limits: sizes are checked as declared and again as read, and nothing points outside."""

from __future__ import annotations

import posixpath
import re
import zipfile

from webapp.errors import N_, Invalid, TooLarge

MOST_ENTRIES = 10_000
MOST_DECLARED_BYTES = 512 * 2**20
MOST_READ_BYTES = 32 * 2**20
# Chapters shrink to a fifth or so, plain pictures sometimes to a fiftieth; a thousandth is what a bomb does.
MOST_RATIO = 200
RATIO_MATTERS_FROM = 2**20
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_epub(data: bytes) -> bool:
    """Whether the bytes are a zip that says it is an EPUB, or holds an EPUB's container file."""
    return data.startswith(b"PK") and (
        b"mimetypeapplication/epub+zip" in data[:200] or b"META-INF/container.xml" in data
    )


def broken() -> Invalid:
    """The refusal of a book that cannot be read."""
    return Invalid(
        "epub-broken",
        N_("EPUB 파일이 망가져 있어서 읽을 수 없어요. 파일을 다시 받아서 올려 주세요."),
        field="file",
    )


def locked() -> Invalid:
    """The refusal of a book whose text is encrypted."""
    return Invalid(
        "epub-encrypted",
        N_("잠금(DRM)이 걸린 EPUB은 읽을 수 없어요. 잠기지 않은 파일을 올려 주세요."),
        field="file",
    )


def bomb() -> Invalid:
    """The refusal of a file that is made to swell."""
    return Invalid(
        "epub-bomb",
        N_("풀면 터무니없이 커지는 파일이라 열지 않았어요. 다른 곳에서 받은 파일을 올려 주세요."),
        field="file",
    )


class Archive:
    """The entries of an open zip; raises Invalid at once for one that is locked, swells or points outside."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        self._left = MOST_READ_BYTES
        entries = opened.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_DECLARED_BYTES:
            raise bomb()
        for entry in entries:
            check_entry(entry)

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """The bytes of an entry; raises TooLarge once more than MOST_READ_BYTES were read in all, KeyError without it."""
        with self._zip.open(name) as entry:
            data = entry.read(self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(
                "epub-too-large",
                N_("EPUB에 든 글이 너무 길어요. %(most)s MB까지 받을 수 있으니 나누어서 올려 주세요."),
                field="file",
                most=MOST_READ_BYTES // 2**20,
            )
        return data


def check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse an entry that is locked, packed as no EPUB may be, swells absurdly, or points outside."""
    inside(entry.filename)
    if entry.flag_bits & 1:
        raise locked()
    if entry.compress_type not in PACKINGS:
        raise broken()
    if entry.file_size > RATIO_MATTERS_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
        raise bomb()


def inside(name: str) -> str:
    """The name of an entry in plain form; refused when it points outside the archive."""
    plain = posixpath.normpath(name)
    if plain.startswith(("/", "..")) or "\\" in plain or re.match("[A-Za-z]:", plain):
        raise broken()
    return plain
