"""Text out of an EPUB: a zip with a container file, a package that lists the chapters in order, and their XHTML.

An upload is somebody else's archive, so nothing in it is believed: see `archive` for its limits and `xml` for how its
XML is read. Nothing is written to disk. Sources: EPUB 3.3 (W3C) and EPUB 2.0.1 (IDPF).
"""

from webapp.epub.archive import is_epub
from webapp.epub.book import Book, read_epub

__all__ = ["Book", "is_epub", "read_epub"]
