"""Bytes to clean Korean text: decoding, normalisation, unwrapping and sentences.

Standard library only. The order of a whole journey is `decode` → `unwrap` → `normalise`
(`tidy` does the last two): indentation tells `unwrap` where paragraphs begin, `normalise` removes it.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass, field

from model.unwrapping import unwrap

__all__ = [
    "Decoded",
    "UnreadableText",
    "clean_line",
    "decode",
    "is_blank",
    "normalise",
    "sentences",
    "tidy",
    "unwrap",
]


class UnreadableText(ValueError):
    """Bytes that are no readable text.

    `code` is stable; `message` is a Korean sentence with %(name)s places (a gettext msgid) that says
    what is wrong and what to do; `params` fills the places.
    """

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.message = REFUSALS[code]
        self.params = params
        super().__init__(self.message % params)


@dataclass(frozen=True)
class Decoded:
    """Text as it was in the file, the encoding it was in, and Korean sentences about what was noticed."""

    text: str
    encoding: str
    notes: tuple[str, ...] = field(default=())


REFUSALS = {
    "binary": "글이 아니라 다른 종류의 파일이에요. 한글(HWP)·워드·PDF 문서라면 ‘텍스트(.txt)’로 저장해서 올려 주세요.",
    "empty": "글이 비어 있어요. 글자가 들어 있는 파일인지 확인해 주세요.",
    "truncated": "글자 한가운데에서 끊긴 파일이에요. ‘%(near)s’ 근처가 잘려 있으니 온전한 파일을 다시 받아 올려 주세요.",
    "damaged": "%(line)s번째 줄 ‘%(near)s’ 다음에 깨진 글자가 있어요. 파일을 다시 받거나 그 부분을 고쳐서 올려 주세요.",
    "mojibake": "한글이 깨진 채로 저장된 파일이에요. 깨지기 전의 원래 파일을 찾아서 올려 주세요.",
    "encoding": "어떤 방식으로 저장된 글인지 알아낼 수 없어요. 편집기에서 ‘UTF-8’로 저장해서 다시 올려 주세요.",
}

NOTE_CP949 = "옛 한글 저장 방식(CP949)으로 된 파일이라 바꾸어 읽었어요."
NOTE_WIDE = "유니코드(UTF-16·32) 방식으로 저장된 파일이라 바꾸어 읽었어요."

# UTF-32 first: its little-endian mark begins with that of UTF-16.
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# PDF, zip (also epub, docx, hwpx), OLE (hwp, doc), HWP 3, RTF, images, gzip, 7z, executables, SQLite, audio.
MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"HWP Document File", b"{\\rtf", b"\x89PNG",
    b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"\x7fELF", b"MZ\x90", b"SQLite format 3\x00", b"ID3",
)  # fmt: skip

# Letters that draw nothing: Hangul fillers and the braille blank. (Zero-width marks are category Cf.)
FILLERS = frozenset("\u3164\u115f\u1160\uffa0\u2800")

# In any Korean text about half of all syllables are among these; in Chinese or Japanese misread, hardly any.
COMMON = frozenset("이다는을가에의고하지나서도를은로사그어기라시자들아인한있었것게니여만리대면해수않보일으")

LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")


def decode(data: bytes) -> Decoded:
    """Reads bytes as text: a byte-order mark, then UTF-8, then strict CP949, else raises `UnreadableText`.

    UTF-16 without a mark is recognised when it reads as Korean. The text is not normalised.
    """
    if data.startswith(MAGIC):
        raise UnreadableText("binary")
    decoded = _decode_any(data)
    if is_blank(decoded.text):
        raise UnreadableText("empty")
    _refuse_mojibake(decoded.text)
    return decoded


def _decode_any(data: bytes) -> Decoded:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], encoding)
    if b"\x00" in data:
        return _decode_unmarked_utf16(data)
    try:
        return _refusing_controls(Decoded(data.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError as error:
        _refuse_cut_utf8(data, error)
        return _decode_cp949(data, error)


def _decode_marked(data: bytes, encoding: str) -> Decoded:
    notes = () if encoding == "utf-8" else (NOTE_WIDE,)
    try:
        return _refusing_controls(Decoded(data.decode(encoding), encoding, notes))
    except UnicodeDecodeError as error:
        if len(data) - error.start < 4:
            raise UnreadableText("truncated", near=_near(data[: error.start].decode(encoding))) from error
        raise _damaged(data, error) from error


def _decode_unmarked_utf16(data: bytes) -> Decoded:
    """NULs mean UTF-16 or no text at all; it is UTF-16 when one of the byte orders gives mostly Hangul."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data[: len(data) & ~1].decode(encoding, errors="replace")
        if "\x00" not in text and _hangul_share(text) > 0.5:
            return _decode_marked(data, encoding)
    raise UnreadableText("binary")


def _refuse_cut_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Raises if the bytes are UTF-8 but for a cut at an end, or for a few broken places."""
    head = len(data) - len(data.lstrip(bytes(range(0x80, 0xC0))))
    if 0 < head < 4 and len(data) > 16 and _is_utf8(data[head:]):
        raise UnreadableText("truncated", near=_near(data[head:].decode("utf-8")[:12]))
    text = data.decode("utf-8", errors="ignore")
    if _hangul_share(text) < 0.5 or len(text.encode("utf-8")) < 0.9 * len(data):
        return
    if error.reason == "unexpected end of data":
        raise UnreadableText("truncated", near=_near(text))
    raise _damaged(data, error)


def _decode_cp949(data: bytes, utf8_error: UnicodeDecodeError) -> Decoded:
    """CP949 strictly; other East Asian encodings often decode too, but not into Hangul."""
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError as error:
        text = data.decode("cp949", errors="ignore")
        if error.end >= len(data) - 1 and _is_korean(text):
            raise UnreadableText("truncated", near=_near(text)) from error
        if len(text.encode("cp949")) > 0.95 * len(data) and _is_korean(text):
            raise _damaged(data, error) from error
        raise UnreadableText("encoding") from utf8_error
    if not _is_korean(text):
        raise UnreadableText("encoding") from utf8_error
    return _refusing_controls(Decoded(text, "cp949", (NOTE_CP949,)))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refusing_controls(decoded: Decoded) -> Decoded:
    """The same, unless control characters show that this is no text."""
    controls = sum(1 for c in decoded.text if c < " " and c not in "\t\n\v\f\r\x1a\x1b")
    if "\x00" in decoded.text or controls > 0.01 * len(decoded.text):
        raise UnreadableText("binary")
    return decoded


def _damaged(data: bytes, error: UnicodeDecodeError) -> UnreadableText:
    before = data[: error.start].decode(error.encoding, errors="ignore")
    return UnreadableText("damaged", line=str(before.count("\n") + 1), near=_near(before))


def _near(text: str) -> str:
    """The last few visible words of a text, to show where something is."""
    return " ".join(normalise(text[-200:]).split())[-20:]


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣" or "\u1100" <= char <= "\u11ff" or "\u3131" <= char <= "\u318e"


def _hangul_share(text: str) -> float:
    """The share of Hangul among the characters that are not ASCII; 0.0 where all are."""
    foreign = [c for c in text if c > "\x7f"]
    return sum(map(_is_hangul, foreign)) / len(foreign) if foreign else 0.0


def _is_korean(text: str) -> bool:
    """Whether text is Korean, not other bytes that happen to fall on Hangul: the common syllables are there."""
    syllables = [c for c in text if "가" <= c <= "힣"]
    foreign = sum(1 for c in text if c > "\x7f")
    common = sum(c in COMMON for c in syllables)
    return len(syllables) > 0.5 * foreign and (len(syllables) < 8 or common > 0.1 * len(syllables))


def _refuse_mojibake(text: str) -> None:
    """Korean bytes once read as Latin-1 show many Latin-1 characters, no Hangul; or lost ones: U+FFFD, "?"."""
    visible = [c for c in text if not c.isspace()]
    hangul = sum(map(_is_hangul, visible))
    lost = text.count("\ufffd")
    questions = sum(len(run) for run in re.findall(r"\?{2,}", text))
    if lost > 0.02 * len(visible) or (hangul == 0 and questions > 0.5 * len(visible)):
        raise UnreadableText("mojibake")
    latin = sum(1 for c in visible if "\x80" <= c <= "\u02ff" or "\u2010" <= c <= "\u2122")
    if latin > 0.25 * len(visible) and hangul < 0.05 * len(visible) and _reads_as_korean(text):
        raise UnreadableText("mojibake")


def _reads_as_korean(text: str) -> bool:
    """Whether the characters, taken as the single bytes they once were, are Korean."""
    for single in ("latin-1", "cp1252"):
        data = text.encode(single, errors="ignore")
        for encoding in ("utf-8", "cp949"):
            if _hangul_share(data.decode(encoding, errors="ignore")) > 0.5:
                return True
    return False


def _plain(char: str) -> str:
    """One character made harmless: spaces become " ", what is invisible or unassigned goes."""
    if char == "\n":
        return char
    category = unicodedata.category(char)
    if category == "Zs" or char == "\t":
        return " "
    if category in ("Cc", "Cf", "Cs") or char in FILLERS or ord(char) & 0xFFFE == 0xFFFE:
        return ""
    return char


def normalise(text: str) -> str:
    """The one form in which text is stored: NFC, "\\n" line ends, no invisible characters; idempotent.

    Control, zero-width, bidirectional and filler characters go; every kind of space becomes " ", runs of
    them one; lines lose their indentation and trailing spaces; at most two blank lines stand in a row.
    NFC also turns compatibility hanja (樂 U+F914 and kin) into the unified character, so that the two
    are one to readers, searches and the writer; hanja are not turned into Hangul.
    """
    lines = [re.sub(" +", " ", line).strip(" ") for line in _legible(text).split("\n")]
    return re.sub("\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


def tidy(text: str) -> str:
    """Unwraps and normalises: what a decoded upload becomes before it is stored."""
    return normalise(unwrap(_legible(text)))


def _legible(text: str) -> str:
    """NFC, "\n" line ends, no invisible characters; how lines are laid out is still to be seen."""
    return unicodedata.normalize("NFC", "".join(map(_plain, LINE_ENDS.sub("\n", text))))


def is_blank(text: str) -> bool:
    """Whether nothing is left to see once spaces, fillers and invisible characters are gone."""
    return not normalise(text)


def clean_line(text: str) -> str:
    """Normalised text in one line, for titles, names and keywords."""
    return " ".join(normalise(text).split())


# A sentence ends with . ! ? (an ellipsis only before a closing mark or a line's end) and closing marks.
SENTENCE_END = re.compile(r"(?:[.!?。！？]+…*|…+(?=[”’」』｣\"]))[”’」』｣\"')\]]*(?= )")

# After a quotation these go on with the sentence: “가자.” 하고 그는 일어섰다.
CONTINUES = re.compile(
    r" (?:하고|하며|하는|하면서|하더니|하였|했|하자|이라고|라고|라는|라며|고는?|하니|한다|하던)"
)


def sentences(text: str) -> list[str]:
    """The sentences of normalised text, in order, without the spaces between them."""
    found: list[str] = []
    for line in text.split("\n"):
        start = 0
        for end in SENTENCE_END.finditer(line):
            quoted = end.group()[-1] not in ".!?…。！？"
            if quoted and CONTINUES.match(line, end.end()):
                continue
            found.append(line[start : end.end()].strip())
            start = end.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def visible(text: str) -> str:
    """The text without its spaces and line ends."""
    return "".join(text.split())
