"""EPUBs for tests, built entry by entry."""

from __future__ import annotations

import io
import zipfile

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""

PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">x</dc:identifier>
    <dc:title>물레방아 있는
      마을</dc:title>
    <dc:creator>이음 사람들</dc:creator>
  </metadata>
  <manifest>%s</manifest>
  <spine>%s</spine>
</package>"""

CHAPTER = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>머리말은 글이 아니다</title><style>p { color: red }</style></head>
<body>%s</body></html>"""

NCX = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'


def chapter(body: str) -> str:
    """An XHTML file with this body."""
    return CHAPTER % body


def zipped(entries: dict[str, str | bytes], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries, in order."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", packing) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return memory.getvalue()


def epub(*bodies: str, **more: str | bytes) -> bytes:
    """An EPUB 3 whose spine holds a table of contents and these chapters, in the reverse order of their names.

    `more` replaces or adds entries: `container`, `package`, `encryption`, or the name of a chapter (`c1`, `c2`, …).
    """
    return zipped(entries_of(*bodies, **more))


def entries_of(*bodies: str, **more: str | bytes) -> dict[str, str | bytes]:
    """The entries of `epub`."""
    names = [f"c{len(bodies) - n}" for n in range(len(bodies))]
    manifest = NCX + "".join(
        f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in sorted(names)
    )
    spine = '<itemref idref="nav"/>' + "".join(f'<itemref idref="{n}"/>' for n in names)
    entries: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": more.pop("container", CONTAINER),
        "OEBPS/book.opf": more.pop("package", PACKAGE % (manifest, spine)),
        "OEBPS/nav.xhtml": chapter("<nav><ol><li><a href='c1.xhtml'>차례는 글이 아니다</a></li></ol></nav>"),
    }
    if "encryption" in more:
        entries["META-INF/encryption.xml"] = more.pop("encryption")
    entries |= {f"OEBPS/{n}.xhtml": chapter(body) for n, body in zip(names, bodies, strict=True)}
    return entries | {f"OEBPS/{name}.xhtml": data for name, data in more.items()}
