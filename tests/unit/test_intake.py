"""Uploads and pasted texts at the edge: what people really send comes out right, or is refused with what to do."""

from __future__ import annotations

import io
import unicodedata
import wave
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT, Settings
from tests.texts import CORPUS
from tests.unit.epubs import chapter, epub, zipped
from webapp.core.library.service import Manuscript
from webapp.errors import DomainError, Invalid, TooLarge
from webapp.intake import clean_line, clean_text, pasted, read_manuscript

MOST = 2**20
BAD_INPUT = CORPUS / "bad_input"
# Chosen because CP949 holds every character of it.
STORY = (ROOT / "webapp/starter/novels/두_번_감은_매듭.txt").read_text(encoding="utf-8")
PROSE = "비가 그친 저녁, 마을버스의 마지막 차가 종점에 닿았다."


def read(data: bytes, name: str | None = "글.txt") -> Manuscript:
    return read_manuscript(name, data, most_bytes=MOST)


def refusal(data: bytes, name: str | None = "글.txt") -> DomainError:
    """The refusal of an upload; it names its field and says in a sentence what to do."""
    with pytest.raises(DomainError) as caught:
        read(data, name)
    assert caught.value.field == "file"
    assert str(caught.value).endswith(("요.", "요!"))
    return caught.value


def letters(text: str) -> str:
    """The text without its spaces, which unwrapping may have to guess."""
    return "".join(text.split())


def wrapped(text: str, columns: int = 72) -> str:
    """Each line cut at a number of columns, in the middle of words, as old editors did."""
    lines = [""]
    for char in text:
        if char != "\n" and width(lines[-1]) + width(char) > columns:
            lines.append("")
        lines[-1] += char
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns after the last line end; Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text.rpartition("\n")[2])


def test_a_text_file_is_read_as_it_is() -> None:
    manuscript = read(STORY.encode())
    assert manuscript.text == clean_text(STORY)
    assert (manuscript.encoding, manuscript.notes) == ("utf-8", ())
    assert manuscript.sentences > 100


@pytest.mark.parametrize(
    ("data", "encoding", "notes"),
    [
        (STORY.replace("\n", "\r\n").encode("cp949", "ignore"), "cp949", ("decoded-cp949",)),
        (STORY.encode("utf-8-sig"), "utf-8", ()),
        (STORY.encode("utf-16"), "utf-16-le", ("decoded-utf-16",)),
        (b"\xfe\xff" + STORY.encode("utf-16-be"), "utf-16-be", ("decoded-utf-16",)),
        (STORY.encode("utf-32"), "utf-32-le", ("decoded-utf-32",)),
        (unicodedata.normalize("NFD", STORY).encode(), "utf-8", ("composed",)),
        (STORY.replace("\n", "\r").encode(), "utf-8", ()),
    ],
)
def test_old_and_odd_encodings_give_the_same_text(data: bytes, encoding: str, notes: tuple[str, ...]) -> None:
    manuscript = read(data)
    assert manuscript.text == clean_text(
        STORY.encode("cp949", "ignore").decode("cp949") if encoding == "cp949" else STORY
    )
    assert (manuscript.encoding, manuscript.notes) == (encoding, notes)


def test_lines_that_were_cut_at_a_width_are_joined() -> None:
    manuscript = read(wrapped(STORY).replace("\n", "\r\n").encode())
    assert manuscript.notes == ("unwrapped",)
    assert letters(manuscript.text) == letters(STORY)
    assert manuscript.text.count("\n") == pytest.approx(clean_text(STORY).count("\n"), rel=0.2)


def test_hanja_written_in_two_ways_become_one() -> None:
    manuscript = read(f"{PROSE} 樂\uf914".encode())
    assert manuscript.text.endswith("樂樂")
    assert manuscript.notes == ("compat-hanja",)


def test_mojibake_is_refused_as_what_it_is() -> None:
    assert refusal(STORY.encode().decode("latin-1").encode()).code == "mojibake"


def test_a_file_cut_short_is_refused_with_the_place() -> None:
    data = STORY.encode()
    cut = next(at for at in range(len(data) - 50, len(data)) if data[at] & 0xC0 == 0x80)
    error = refusal(data[:cut])
    assert error.code == "truncated"
    assert error.params["near"]


@pytest.mark.parametrize("data", [b"", b" \r\n\t", "\u3164\u200b\ufeff".encode(), b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data).code == "empty"


def test_too_little_to_learn_from_is_refused_with_the_number() -> None:
    error = refusal("짧은 글.".encode())
    assert error.code == "novel-too-short"
    assert "20자" in str(error)


def test_a_text_in_another_language_is_refused() -> None:
    assert refusal(b"It was a dark and stormy night; the rain fell in torrents.").code == "not-korean"


def test_a_file_over_the_limit_is_refused_with_the_limit() -> None:
    error = refusal("가".encode() * MOST)
    assert isinstance(error, TooLarge)
    assert error.code == "file-too-large"
    assert "1 MB" in str(error)


def test_the_limit_is_the_sites_own_setting(tmp_path: Path) -> None:
    app = Flask("site")
    app.config["SETTINGS"] = Settings.from_environment(
        {"INSTANCE": str(tmp_path), "MAX_UPLOAD_BYTES": "2048"}
    )
    with app.app_context():
        assert read_manuscript("글.txt", PROSE.encode()).text == PROSE
        with pytest.raises(TooLarge):
            read_manuscript("글.txt", PROSE.encode() * 100)
        with pytest.raises(TooLarge):
            pasted(PROSE * 100)


def sound() -> bytes:
    """A second of silence."""
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    return memory.getvalue()


def hwp() -> bytes:
    """The beginning of an OLE file, and the name of a stream that only HWP has."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(1000)
        + "\x05HwpSummaryInformation".encode("utf-16-le")
        + bytes(99)
    )


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("소설.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        ("소설.hwp", hwp(), "HWP"),
        ("소설.hwp", b"HWP Document File V3.00 \x1a\x01\x02" + bytes(99), "HWP"),
        ("소설.hwpx", zipped({"mimetype": "application/hwp+zip", "Contents/section0.xml": "<a/>"}), "HWPX"),
        ("소설.epub", zipped({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "DOCX"),
        ("소설.odt", zipped({"mimetype": "application/vnd.oasis.opendocument.text"}, packing=zipfile.ZIP_STORED), "ODT"),
        ("소설.zip", zipped({"소설.txt": PROSE}), "ZIP"),
        ("소설.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "DOC"),
        ("소설.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(99), "PNG"),
        ("소설.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(99), "JPG"),
        ("소설.gif", b"GIF89a" + bytes(99), "GIF"),
        ("소설.rtf", b"{\\rtf1\\ansi\\ansicpg949 " + bytes(99), "RTF"),
        ("소설.7z", b"7z\xbc\xaf\x27\x1c" + bytes(99), "7Z"),
        ("소설.wav", sound(), "WAV"),
        ("소설.txt", f"\n <!DOCTYPE html><html><p>{PROSE}</p></html>".encode(), "HTML"),
    ],
)  # fmt: skip
def test_other_formats_are_refused_by_name(name: str, data: bytes, kind: str) -> None:
    error = refusal(data, name)
    assert (error.code, error.params["kind"]) == ("file-format", kind)
    assert "텍스트(.txt)나 EPUB으로 바꿔서 올려 주세요." in str(error)


def test_bytes_of_no_known_kind_are_refused() -> None:
    assert refusal(bytes(range(256)) * 9, None).code == "binary"


def test_an_epub_is_read_whatever_its_name() -> None:
    manuscript = read(epub(f"<h1>하나</h1><p>{PROSE}</p><p>“樂\uf914.”</p>"), "소설.txt")
    assert manuscript.text == f"하나\n\n{PROSE}\n“樂樂.”"
    assert (manuscript.title, manuscript.author) == ("물레방아 있는 마을", "이음 사람들")
    assert (manuscript.encoding, manuscript.notes) == ("epub", ("from-epub", "compat-hanja"))


def test_an_epub_of_pictures_alone_is_refused() -> None:
    error = refusal(epub("<p><img src='1.png' alt=''/></p>"))
    assert error.code == "empty"
    assert "그림" in str(error)


def test_a_broken_epub_is_refused() -> None:
    assert refusal(epub("<p>닫지 않은 글"), "소설.epub").code == "epub-broken"
    assert refusal(epub("", c1=chapter(" " * 10 * MOST)), "소설.epub").code == "epub-bomb"


def test_pasted_text_is_cleaned_and_its_refusals_name_the_text() -> None:
    manuscript = pasted(f"\x00  {PROSE}\u202e\ud800\r\n", most_bytes=MOST)
    assert (manuscript.text, manuscript.encoding) == (PROSE, "utf-8")
    for text, code in (
        ("", "empty"),
        ("짧다.", "novel-too-short"),
        (PROSE.encode().decode("latin-1"), "mojibake"),
    ):
        with pytest.raises(Invalid) as caught:
            pasted(text, most_bytes=MOST)
        assert (caught.value.code, caught.value.field) == (code, "text")
    with pytest.raises(TooLarge) as too_large:
        pasted("가" * MOST, most_bytes=MOST)
    assert (too_large.value.code, too_large.value.field) == ("text-too-large", "text")


def test_a_line_is_one_composed_line() -> None:
    assert clean_line(unicodedata.normalize("NFD", " 동백꽃\n\u200b(1936) ")) == "동백꽃 (1936)"


@pytest.mark.skipif(
    not BAD_INPUT.is_dir(), reason="no corpus beside the repository; the same cases stand above"
)
class TestTheFilesOfTheCorpus:
    """The files that people really uploaded."""

    @pytest.mark.parametrize(
        ("name", "encoding", "notes"),
        [
            ("cp949_crlf_동백꽃.txt", "cp949", ("decoded-cp949",)),
            ("utf16le_bom_동백꽃.txt", "utf-16-le", ("decoded-utf-16",)),
            ("nfd_동백꽃.txt", "utf-8", ("composed",)),
        ],
    )
    def test_one_story_in_three_disguises_is_one_text(
        self, name: str, encoding: str, notes: tuple[str, ...]
    ) -> None:
        whole = clean_text((CORPUS / "novels" / "김유정_동백꽃.txt").read_text(encoding="utf-8"))
        manuscript = read((BAD_INPUT / name).read_bytes(), name)
        assert (manuscript.encoding, manuscript.notes) == (encoding, notes)
        # The file in CP949 is the old edition, which ends with a note on where the story came out.
        assert manuscript.text.endswith(whole[-9:]) or "출전" in manuscript.text[-20:]
        assert len(manuscript.text) == pytest.approx(len(whole), rel=0.01)

    def test_wrapped_lines_are_joined_and_nothing_is_lost(self) -> None:
        data = (BAD_INPUT / "hardwrap_crlf_동백꽃.txt").read_bytes()
        manuscript = read(data)
        assert manuscript.notes == ("unwrapped",)
        assert letters(manuscript.text) == letters(clean_text(data.decode()))
        assert manuscript.text.count("\n") < data.count(b"\n") / 2

    def test_compatibility_hanja_become_ordinary_ones(self) -> None:
        manuscript = read((BAD_INPUT / "compat_hanja_술권하는사회.txt").read_bytes())
        assert manuscript.notes == ("compat-hanja",)
        assert not [char for char in manuscript.text if "\uf900" <= char <= "\ufaff"]

    def test_bytes_that_only_cp949_knows_are_read(self) -> None:
        data = (BAD_INPUT / "cp949_only_bytes.txt").read_bytes()
        assert read(data).text == clean_text(data.decode("cp949"))

    @pytest.mark.parametrize(
        ("name", "code"), [("mojibake_동백꽃.txt", "mojibake"), ("truncated_utf8.txt", "truncated")]
    )
    def test_what_cannot_be_mended_is_refused(self, name: str, code: str) -> None:
        assert refusal((BAD_INPUT / name).read_bytes(), name).code == code

    def test_no_file_is_left_without_a_test(self) -> None:
        known = {
            "compat_hanja",
            "cp949_crlf",
            "cp949_only",
            "hardwrap_crlf",
            "mojibake",
            "nfd",
            "truncated",
            "utf16le_bom",
        }
        names = [path.name for path in BAD_INPUT.iterdir()]
        assert all(any(name.startswith(start) for start in known) for name in names), names
