"""The telling text of one XHTML file."""

from __future__ import annotations

from webapp.epub.xml import Reader

# What is not read aloud: styles and scripts, drawings, and the small readings over characters (ruby).
DROPPED = frozenset(
    {
        "head",
        "script",
        "style",
        "nav",
        "rt",
        "rp",
        "svg",
        "math",
        "audio",
        "video",
        "iframe",
        "object",
        "template",
    }
)
# Parts that are not the telling, by `epub:type` (EPUB 3 Structural Semantics Vocabulary).
DROPPED_PARTS = frozenset(
    {"titlepage", "copyright-page", "toc", "landmarks", "page-list", "pagebreak"}
    | {"noteref", "footnote", "footnotes", "endnote", "endnotes"}
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "hr"})
BLOCKS = HEADINGS | frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
    }
    | {
        "figure",
        "footer",
        "header",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    }
)


class Chapter(Reader):
    """Gathers paragraphs; headings stand between empty lines."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._within_dropped = 0

    def text(self) -> str:
        """A paragraph a line."""
        return "\n".join(self._lines).strip("\n")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parts = attributes.get("type", "").split()
        if (
            self._within_dropped
            or tag in DROPPED
            or "hidden" in attributes
            or DROPPED_PARTS.intersection(parts)
        ):
            self._within_dropped += 1
        else:
            self._break(tag)

    def end(self, tag: str) -> None:
        if self._within_dropped:
            self._within_dropped -= 1
        else:
            self._break(tag)

    def data(self, text: str) -> None:
        if not self._within_dropped:
            self._line.append(text)

    def _break(self, tag: str) -> None:
        """End the line before and after a block, and leave a line free around a heading."""
        if tag not in BLOCKS:
            return
        line = " ".join("".join(self._line).split())
        self._line = []
        if line:
            self._lines.append(line)
        if tag in HEADINGS and self._lines and self._lines[-1]:
            self._lines.append("")
