"""The page that shows the OpenAPI document to people."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, render_template

from webapp.api.codes import codes
from webapp.api.openapi import DESCRIPTION, HINTS, openapi
from webapp.api.views import told


def docs_page() -> str:
    """GET /api/docs."""
    document = openapi(current_app.config["MAX_CONTENT_LENGTH"])
    words = {"description": DESCRIPTION, "hints": HINTS, "codes": codes()}
    tools = {"told": told, "plain": plain, "shape": shape, "limits": limits}
    return render_template("api/docs.html", document=document, **words, **tools)


def plain(sentence: str) -> str:
    """A sentence of a refusal, with dots where values would stand."""
    return re.sub(r"%\(\w+\)[sd]", "…", told(sentence)).replace("%%", "%")


def shape(schema: dict[str, Any]) -> str:
    """A schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for several, between in (("anyOf", " | "), ("allOf", " & ")):
        if several in schema:
            return between.join(map(shape, schema[several]))
    kinds = schema.get("type", "any")
    word = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{shape(schema['items'])}[]" if "items" in schema else word


def limits(schema: dict[str, Any]) -> str:
    """What a value may be: which words, how many characters or entries, how large."""
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"] if word is not None)
    for low, high in (("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum")):
        if high in schema:
            return f"{schema.get(low, 0)}–{schema[high]}"
    return ""
