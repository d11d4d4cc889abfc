"""A book's files in the order in which they lead to its text: container, encryption, package, chapters."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers import expat

from webapp.epub.archive import Archive, broken, inside, locked
from webapp.epub.chapter import Chapter
from webapp.epub.xml import Reader, parse

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
# Scrambling of fonts, which leaves the text as it is.
FONT_OBFUSCATION = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
# What EPUB 2 names in its guide and no chapter is.
FRONT_MATTER = ("cover", "title-page", "copyright-page", "toc")
CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


@dataclass(frozen=True)
class Book:
    """What an EPUB says of itself, and its text: a paragraph a line, an empty line around headings and chapters."""

    title: str
    author: str
    text: str


def read_epub(data: bytes) -> Book:
    """The text of a book.

    Raises Invalid with `epub-broken`, `epub-encrypted` or `epub-bomb`, and TooLarge `epub-too-large`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return _read(Archive(opened))
    # What zipfile and expat raise for bytes that are not as they should be (RuntimeError: encrypted without saying so).
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        LookupError,
        ValueError,
        RuntimeError,
    ) as error:
        raise broken() from error


def _read(archive: Archive) -> Book:
    if ENCRYPTION in archive and not parse(archive.read(ENCRYPTION), Encryption()).ways <= FONT_OBFUSCATION:
        raise locked()
    path = inside(parse(archive.read(CONTAINER), Container()).packages[0])
    package = parse(archive.read(path), Package())
    folder = posixpath.dirname(path)
    chapters = [inside(posixpath.join(folder, name)) for name in package.chapters()]
    texts = [parse(archive.read(name), Chapter()).text() for name in dict.fromkeys(chapters)]
    return Book(package.title, ", ".join(package.authors), "\n\n".join(filter(None, texts)))


class Container(Reader):
    """Finds where the package files are; the first is the book."""

    def __init__(self) -> None:
        self.packages: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "rootfile":
            self.packages.append(attributes["full-path"])


class Encryption(Reader):
    """Finds in which ways something is encrypted."""

    def __init__(self) -> None:
        self.ways: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "EncryptionMethod":
            self.ways.add(attributes.get("Algorithm", ""))


class Package(Reader):
    """Title, authors, and which files are the chapters, in reading order."""

    def __init__(self) -> None:
        self.authors: list[str] = []
        self._titles: list[str] = []
        self._spine: list[str] = []
        self._items: dict[str, dict[str, str]] = {}
        self._front: set[str] = set()
        self._line: list[str] | None = None

    @property
    def title(self) -> str:
        """The first title; empty where there is none."""
        return next(iter(self._titles), "")

    def chapters(self) -> list[str]:
        """The files of the spine that are text, without what comes before the telling; raises LookupError for an empty spine."""
        if not self._spine:
            raise LookupError("spine")
        items = [self._items[idref] for idref in self._spine]
        texts = [item for item in items if item["media-type"] in CHAPTER_TYPES]
        told = [item["href"] for item in texts if "nav" not in item.get("properties", "").split()]
        return [_path(href) for href in told if _path(href) not in self._front]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("title", "creator"):
            self._line = []
        elif tag == "item":
            self._items[attributes["id"]] = attributes
        elif tag == "itemref" and attributes.get("linear") != "no":
            self._spine.append(attributes["idref"])
        elif tag == "reference" and attributes.get("type") in FRONT_MATTER:
            self._front.add(_path(attributes.get("href", "")))

    def end(self, tag: str) -> None:
        if tag in ("title", "creator") and self._line is not None:
            line = " ".join("".join(self._line).split())
            (self._titles if tag == "title" else self.authors).append(line)
            self._line = None

    def data(self, text: str) -> None:
        if self._line is not None:
            self._line.append(text)


def _path(href: str) -> str:
    """The file that an address within the package means, without the place in it."""
    return unquote(href.partition("#")[0])
