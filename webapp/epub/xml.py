"""Reading XML that strangers made: nothing is fetched, and no entity of the file's own making is resolved."""

from __future__ import annotations

from html.entities import html5
from typing import TypeVar
from xml.parsers import expat

from webapp.epub.archive import bomb


class Reader:
    """Gathers something from an XML file, told of each start, end and piece of text; names come without prefix."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """A piece of text."""


R = TypeVar("R", bound=Reader)


def parse(data: bytes, reader: R) -> R:
    """Tell the reader of everything in an XML file; raises expat.ExpatError, and Invalid for declared entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    # As if a DTD stood there, and an empty one: &nbsp; and its like then come to us instead of being errors.
    parser.UseForeignDTD(True)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
    parser.ExternalEntityRefHandler = lambda context, *_address: _read_nothing(parser, context)
    parser.EntityDeclHandler = _refuse
    parser.SkippedEntityHandler = lambda name, _parameter: reader.data(html5.get(f"{name};", ""))
    parser.StartElementHandler = lambda tag, attributes: reader.start(_local(tag), _plain(attributes))
    parser.EndElementHandler = lambda tag: reader.end(_local(tag))
    parser.CharacterDataHandler = reader.data
    parser.Parse(data, True)
    return reader


def _read_nothing(parser: expat.XMLParserType, context: str | None) -> int:
    """Answer what the file points to with an empty file."""
    return parser.ExternalEntityParserCreate(context).Parse(b"", True)


def _refuse(*_declaration: object) -> None:
    """A declared entity can stand for a file of this machine, or for a billion others."""
    raise bomb()


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    return {_local(name): value for name, value in attributes.items()}
