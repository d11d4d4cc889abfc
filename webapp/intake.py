"""The edge where text comes in: bytes and pasted text become clean text, or a refusal that says what to do.

The only web code that reaches into `model`, and there only for reading text, which needs no torch.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile

import puremagic
from flask import current_app

from model.text import REFUSALS as UNREADABLE
from model.text import Decoded, UnreadableText, decode, is_blank, normalise, sentences, tidy
from model.text import clean_line as one_line
from webapp.core.library.rules import Manuscript, check_text
from webapp.epub import is_epub, read_epub
from webapp.errors import N_, Invalid, TooLarge

__all__ = ["NOTES", "UNREADABLE", "clean_line", "clean_text", "pasted", "read_manuscript"]

NOTES = {
    "decoded-cp949": N_("옛 한글 저장 방식(CP949)으로 된 파일이라 바꾸어 읽었어요."),
    "decoded-utf-16": N_("UTF-16 방식으로 저장된 파일이라 바꾸어 읽었어요."),
    "decoded-utf-32": N_("UTF-32 방식으로 저장된 파일이라 바꾸어 읽었어요."),
    "composed": N_("자음과 모음이 풀어져 있어서 글자로 모았어요."),
    "unwrapped": N_("줄마다 끊겨 있어서 문단으로 이어 붙였어요."),
    "compat-hanja": N_("모양이 같은 한자가 두 가지로 적혀 있어서 하나로 맞추었어요."),
    "same-text": N_("같은 글이 다른 제목으로 이미 서재에 있어요."),
    "from-epub": N_("EPUB에서 글만 꺼냈어요."),
}
"""What was noticed while a manuscript was read: a sentence to show for each stable code."""

# Puremagic gives weaker guesses than this to bytes that only happen to begin like a format.
LEAST_CONFIDENCE = 0.3
HWP_STREAM = "HwpSummaryInformation".encode("utf-16-le")
ZIPPED = {"application/hwp+zip": "HWPX", "application/vnd.oasis.opendocument.text": "ODT"}
OFFICE_FOLDERS = {"word/": "DOCX", "xl/": "XLSX", "ppt/": "PPTX", "Contents/": "HWPX"}


def clean_line(text: str) -> str:
    """One normalised line, for titles, names and keywords."""
    return one_line(text)


def clean_text(text: str) -> str:
    """Normalised text that keeps its lines, for what people write themselves."""
    return normalise(text)


def pasted(text: str, *, most_bytes: int | None = None) -> Manuscript:
    """A manuscript out of text that somebody pasted.

    Raises TooLarge `text-too-large` and Invalid (those of `decode` and of `check_text`), with field `text`.
    """
    # Half characters and NULs come from broken programs; neither can be stored.
    data = re.sub("[\x00\ud800-\udfff]", "", text).encode("utf-8")
    _check_size(data, most_bytes, "text")
    return _manuscript(_decoded(data, "text"), "text")


def read_manuscript(filename: str | None, data: bytes, *, most_bytes: int | None = None) -> Manuscript:
    """A manuscript out of an uploaded text file or EPUB, recognised by what is in it rather than by its name.

    `most_bytes` is MAX_UPLOAD_BYTES unless given. Raises TooLarge `file-too-large` and Invalid with field `file`: the
    codes of `decode`, of `read_epub`, of `check_text`, and `file-format` for any other kind of file.
    """
    _check_size(data, most_bytes, "file")
    if is_epub(data):
        return _manuscript_of_epub(data)
    try:
        return _manuscript(_decoded(data, "file"), "file")
    except Invalid as refusal:
        kind = file_format(filename, data) if refusal.code == "binary" else None
        if kind is None:
            raise
        raise _wrong_format(kind) from refusal


def _check_size(data: bytes, most_bytes: int | None, field: str) -> None:
    most = most_bytes or current_app.config["SETTINGS"].max_upload_bytes
    if len(data) > most:
        raise TooLarge(
            f"{field}-too-large",
            N_("너무 커요. %(most)s MB까지 받을 수 있으니 나누어서 올려 주세요."),
            field=field,
            most=f"{most / 2**20:.3g}",
        )


def _decoded(data: bytes, field: str) -> Decoded:
    try:
        return decode(data)
    except UnreadableText as error:
        raise Invalid(error.code, error.message, field=field, **error.params) from error


def _manuscript(decoded: Decoded, field: str) -> Manuscript:
    if re.match(r"\s*<(!doctype html|html)\b", decoded.text, re.IGNORECASE):
        raise _wrong_format("HTML")
    text = tidy(decoded.text)
    check_text(text, field=field)
    notes = [f"decoded-{decoded.encoding[:6]}"] if decoded.encoding != "utf-8" else []
    if text.count("\n") != normalise(decoded.text).count("\n"):
        notes.append("unwrapped")
    notes += _spelling_notes(decoded.text)
    return Manuscript(text, decoded.encoding, tuple(notes), len(sentences(text)))


def _manuscript_of_epub(data: bytes) -> Manuscript:
    """Paragraphs are marked in an EPUB, so its lines are never taken as wrapped."""
    book = read_epub(data)
    text = normalise(book.text)
    if is_blank(text):
        raise Invalid("empty", N_("EPUB 안에 글이 없어요. 그림으로만 된 책은 읽을 수 없어요."), field="file")
    check_text(text, field="file")
    notes = ("from-epub", *_spelling_notes(book.text))
    return Manuscript(text, "epub", notes, len(sentences(text)), one_line(book.title), one_line(book.author))


def _spelling_notes(text: str) -> list[str]:
    """What normalising changes in the characters themselves."""
    notes = (
        []
        if re.search("[\u1100-\u11ff]", text) is None or unicodedata.is_normalized("NFC", text)
        else ["composed"]
    )
    return notes + (["compat-hanja"] if re.search("[\uf900-\ufaff]", text) else [])


def _wrong_format(kind: str) -> Invalid:
    return Invalid(
        "file-format",
        N_("%(kind)s 파일은 읽을 수 없어요. 텍스트(.txt)나 EPUB으로 바꿔서 올려 주세요."),
        field="file",
        kind=kind,
    )


def file_format(filename: str | None, data: bytes) -> str | None:
    """The usual name of a file's format, such as PDF, HWP or DOCX; None where it is not known.

    Where the content allows several, the name of the file decides among them.
    """
    if data.startswith(b"PK"):
        return _format_in_zip(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "HWP" if HWP_STREAM in data else "DOC"
    try:
        guesses = puremagic.magic_string(data)
    except puremagic.PureError:
        return None
    names = [guess.extension[1:].upper() for guess in guesses if guess.confidence >= LEAST_CONFIDENCE]
    ending = (filename or "").rpartition(".")[2].upper()
    return ending if ending in names else next(filter(None, names), None)


def _format_in_zip(data: bytes) -> str:
    """The document format that a zip holds, by its `mimetype` entry or its folders; or ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return "ZIP"
    mime = next((name for kind, name in ZIPPED.items() if kind.encode() in data[:200]), None)
    folder = next(
        (kind for start, kind in OFFICE_FOLDERS.items() if any(n.startswith(start) for n in names)), None
    )
    return mime or folder or "ZIP"
