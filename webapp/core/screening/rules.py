"""What a text has to be to be taken, and what about it moderators should see."""

from __future__ import annotations

import re
import unicodedata

from webapp.errors import N_, Invalid

FILLERS = "\u3164\u115f\u1160\uffa0\u2800"
"""Letters that show nothing: Hangul fillers and the blank Braille pattern."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = re.compile(r"\s+")
_UNKEEPABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Words of abuse in the spellings people use; what would also catch ordinary words (졸라 대다, 꺼져 가는) is left out.
_ABUSE = (
    r"씨+[이1]?[발빨벌팔]", r"시[이1]?발(?![점역지차])", r"쓰[발벌]", r"[ㅅㅆ]ㅂ", r"씹(?!히|어|던|고|는|으|은|을|지)",
    r"[개씹]새[끼기]", r"호로새끼", r"후레자식", r"[병븅]신(?:[새아]|같|\s?새)", r"빙신", r"ㅂㅅ", r"ㅄ", r"좆", r"ㅈ같",
    r"존나", r"ㅈㄴ", r"지랄", r"ㅈㄹ", r"니[미애]미", r"느금마", r"엠창", r"썅", r"[쌍미]친?[년놈](?=[아이은들]|$|\s)",
    r"닥쳐(?=라|\s*[.!?]|$)", r"한남충", r"김치녀", r"된장녀", r"맘충", r"틀딱", r"f+u+c+k", r"\bshit\b", r"\bbitch\b",
)  # fmt: skip
_PROFANITY = re.compile("|".join(_ABUSE), re.IGNORECASE)
_CONTACT = re.compile(
    r"(?<!\d)01[016789][-. ]?\d{3,4}[-. ]?\d{4}(?!\d)"
    r"|(?<!\d)0(?:2|[3-6]\d|70)[-. ]\d{3,4}[-. ]\d{4}(?!\d)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?[1-8]\d{6}(?!\d)",
    re.ASCII,
)
_LINK = re.compile(
    r"https?://|\bwww\.|(?<![\w@.])[a-z0-9-]{2,}\.(?:com|net|org|kr|io|me|gg|ly|shop|site|xyz|info|biz|link)(?![a-z0-9])",
    re.IGNORECASE | re.ASCII,
)


def clean_line(text: str) -> str:
    """The text in NFC and one line, with single spaces and without characters that show nothing."""
    composed = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    return _SPACES.sub(" ", "".join(filter(_shows, composed))).strip()


def check_prose(text: str, *, field: str, least: int, most: int) -> None:
    """Refuse what nobody could read as prose; `least` and `most` are in characters that show. Raises Invalid.

    Codes: `blank-text`, `too-short`, `too-long`, `only-punctuation`, `one-character`, `unreadable-characters`.
    """
    if _UNKEEPABLE.search(text):
        raise Invalid(
            "unreadable-characters",
            N_("읽을 수 없는 글자가 섞여 있어요. 지우고 다시 보내 주세요."),
            field=field,
        )
    visible = clean_line(text)
    if not visible:
        raise Invalid("blank-text", N_("글이 비어 있어요. 내용을 적어 주세요."), field=field)
    _check_length(visible, field, least, most)
    letters = [char for char in visible if char.isalnum()]
    if not letters:
        raise Invalid("only-punctuation", N_("문장 부호만 있어요. 글자를 적어 주세요."), field=field)
    if len(letters) > 3 and len(set(letters)) == 1:
        raise Invalid(
            "one-character", N_("같은 글자만 되풀이돼 있어요. 이야기가 되게 적어 주세요."), field=field
        )


def check_label(label: str, *, field: str, most: int) -> str:
    """The label in one clean line of 1 to `most` characters with a letter or digit in it; raises Invalid."""
    cleaned = clean_line(label)
    if not cleaned:
        raise Invalid("blank-text", N_("비어 있어요. 내용을 적어 주세요."), field=field)
    _check_length(cleaned, field, 1, most)
    if not any(map(str.isalnum, cleaned)):
        raise Invalid("only-punctuation", N_("문장 부호만 있어요. 글자를 적어 주세요."), field=field)
    return cleaned


def flags(text: str) -> list[str]:
    """What moderators should look at: `profanity`, `contact` (telephone, e-mail, resident number), `link`.

    A flag refuses nothing: a story may swear, and a number may be made up.
    """
    plain = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH)
    found = {"profanity": _PROFANITY, "contact": _CONTACT, "link": _LINK}
    return [name for name, pattern in found.items() if pattern.search(plain)]


def _check_length(visible: str, field: str, least: int, most: int) -> None:
    length = len(visible)
    if length < least:
        message = N_("너무 짧아요. %(least)s자 이상 적어 주세요. 지금은 %(length)s자예요.")
        raise Invalid("too-short", message, field=field, least=least, length=length)
    if length > most:
        message = N_("너무 길어요. %(most)s자까지 적을 수 있어요. 지금은 %(length)s자예요.")
        raise Invalid("too-long", message, field=field, most=most, length=length)


def _shows(char: str) -> bool:
    return char not in FILLERS and unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn")
