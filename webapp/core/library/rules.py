"""The library's rules: what a novel has to be, whose rights it is under, and how it comes into the library."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from webapp.core.screening.rules import clean_line
from webapp.errors import N_, Conflict, Invalid

RIGHTS = ("public-domain", "licence", "own")
DECISIONS = ("approve", "reject", "withdraw")
LIVING = ("pending", "approved")
SAME_TEXT = "same-text"
"""The note of a novel whose very text is in the library under another title; moderators decide what that means."""

MOST_TITLE = 120
MOST_AUTHOR = 80
MOST_LICENCE = 120
MOST_REASON = 500
# A short poem is a work too; whether it is worth reading moderators and voters decide.
FEWEST_CHARACTERS = 20
FEWEST_HANGUL_PERCENT = 30

# Nobody whose Korean we could read died earlier; a smaller number is a slip of the finger ("12" for 1912).
EARLIEST_DEATH = 500
# Korean law protected works for 50 years after the author's death until it was lengthened to 70 in July 2013.
# Works whose 50 years had run out by the end of 2012 stayed free (Copyright Act, addenda of Act No. 10807).
LAST_DEATH_UNDER_FIFTY_YEARS = 1962
YEARS_AFTER_DEATH = 70

_NEXT = {
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("pending", "withdraw"): "withdrawn",
    ("approved", "withdraw"): "withdrawn",
}


@dataclass(frozen=True)
class Manuscript:
    """A text as `webapp.intake` read it: normalised, with what was noticed on the way.

    `encoding` is what the file was in; `notes` are stable codes (see `webapp.intake.NOTES`); `sentences` is how many
    sentences were counted; `title` and `author` are what the file says of itself, empty where it says nothing.
    """

    text: str
    encoding: str
    notes: tuple[str, ...] = ()
    sentences: int = 0
    title: str = ""
    author: str = ""


def check_text(text: str, *, field: str = "text") -> None:
    """Refuse a text that the writer could not learn Korean from; raises Invalid.

    `novel-too-short`: fewer than FEWEST_CHARACTERS characters. `not-korean`: fewer than FEWEST_HANGUL_PERCENT in a
    hundred letters are Hangul.
    """
    if len(text) < FEWEST_CHARACTERS:
        raise Invalid(
            "novel-too-short",
            N_(
                "글이 너무 짧아요. 작가 AI가 배울 수 있게 %(least)s자 이상이어야 하는데 %(characters)s자예요."
            ),
            field=field,
            least=FEWEST_CHARACTERS,
            characters=len(text),
        )
    percent = hangul_percent(text)
    if percent < FEWEST_HANGUL_PERCENT:
        raise Invalid(
            "not-korean",
            N_(
                "한글이 너무 적어요. 글자 가운데 %(least)s%% 이상이 한글인 글을 올려 주세요. 지금은 %(percent)s%%예요."
            ),
            field=field,
            least=FEWEST_HANGUL_PERCENT,
            percent=percent,
        )


def hangul_percent(text: str) -> int:
    """How many of a hundred letters are Hangul syllables, rounded down; 0 for a text without letters."""
    letters = {char: number for char, number in Counter(text).items() if char.isalpha()}
    hangul = sum(number for char, number in letters.items() if "가" <= char <= "힣")
    return 100 * hangul // sum(letters.values()) if letters else 0


def check_title(title: str) -> str:
    """The title in one clean line; raises Invalid `title-needed` or `title-too-long`."""
    clean = clean_line(title)
    if not clean:
        raise Invalid("title-needed", N_("작품의 제목을 적어 주세요."), field="title")
    _check_length(clean, MOST_TITLE, "title")
    return clean


def check_author(author: str) -> str:
    """The author's name in one clean line; raises Invalid `author-needed` or `author-too-long`."""
    clean = clean_line(author)
    if not clean:
        raise Invalid(
            "author-needed",
            N_("지은이를 적어 주세요. 알려지지 않았다면 ‘작자 미상’이라고 적어 주세요."),
            field="author",
        )
    _check_length(clean, MOST_AUTHOR, "author")
    return clean


def _check_length(line: str, most: int, field: str) -> None:
    if len(line) > most:
        raise Invalid(f"{field}-too-long", N_("%(most)s자까지 적을 수 있어요."), field=field, most=most)


def live_key(title: str, author: str) -> str:
    """What two nominations of one work share, however they were typed: letters and digits alone, case folded."""
    return f"{_letters(title)[:MOST_TITLE]}|{_letters(author)[:MOST_AUTHOR]}"


def _letters(text: str) -> str:
    """Letters and digits in compatibility form; the text itself where it has none."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in plain if char.isalnum()) or plain


def check_rights(
    rights: str, *, author_died: int | None, licence: str | None, year: int
) -> tuple[int | None, str | None]:
    """What is kept of the answers to the rights question: the author's year of death, or the licence.

    `year` is the present one. Raises Invalid with `unknown-rights`, `author-died-needed`, `author-died-absurd`,
    `still-protected` or `licence-needed`.
    """
    if rights == "public-domain":
        return check_author_died(author_died, year), None
    if rights == "licence":
        return None, check_licence(licence or "")
    if rights == "own":
        return None, None
    raise Invalid(
        "unknown-rights", N_("이 글을 써도 되는 까닭을 셋 가운데 하나 골라 주세요."), field="rights"
    )


def check_author_died(died: int | None, year: int) -> int:
    """The year of death, if works of somebody who died then are free in Korea in `year`; raises Invalid."""
    if died is None:
        raise Invalid("author-died-needed", N_("지은이가 세상을 떠난 해를 적어 주세요."), field="author_died")
    if not EARLIEST_DEATH <= died <= year:
        raise Invalid(
            "author-died-absurd",
            N_("세상을 떠난 해는 %(first)s년부터 %(last)s년 사이여야 해요. 네 자리로 다시 적어 주세요."),
            field="author_died",
            first=EARLIEST_DEATH,
            last=year,
        )
    if year < free_from(died):
        raise Invalid(
            "still-protected",
            N_(
                "아직 저작권이 남아 있어요. %(died)s년에 세상을 떠난 지은이의 글은 %(free)s년 1월 1일부터 쓸 수 있어요."
            ),
            field="author_died",
            died=died,
            free=free_from(died),
        )
    return died


def free_from(died: int) -> int:
    """The first year in which works of an author who died in `died` are free in Korea.

    A term ends with its last calendar year: 50 years after death for those who died until 1962, 70 for later ones.
    """
    return died + 1 + (50 if died <= LAST_DEATH_UNDER_FIFTY_YEARS else YEARS_AFTER_DEATH)


def check_licence(licence: str) -> str:
    """The name of a licence (2 to MOST_LICENCE characters) in one clean line; raises Invalid."""
    clean = clean_line(licence)
    if len(clean) < 2:
        raise Invalid(
            "licence-needed",
            N_("어떤 이용 허락인지 이름을 적어 주세요. 예를 들면 ‘CC BY 4.0’이에요."),
            field="licence",
        )
    _check_length(clean, MOST_LICENCE, "licence")
    return clean


def next_status(status: str, decision: str) -> str:
    """The status that a decision leads to; raises Invalid `unknown-decision` or Conflict `novel-decided`."""
    if decision not in DECISIONS:
        raise Invalid(
            "unknown-decision", N_("승인, 거절, 거두기 가운데 하나를 골라 주세요."), field="decision"
        )
    if (status, decision) not in _NEXT:
        raise Conflict("novel-decided", _DECIDED[status])
    return _NEXT[status, decision]


_DECIDED = {
    "approved": N_("이미 승인한 원작이에요. 되돌리려면 거두어 주세요."),
    "rejected": N_("이미 거절한 원작이에요. 다시 살펴보려면 새로 올려야 해요."),
    "withdrawn": N_("이미 거둔 원작이에요. 다시 살펴보려면 새로 올려야 해요."),
}


def check_reason(decision: str, reason: str) -> str:
    """The reason, cleaned; a rejection needs one (Invalid `reason-needed`)."""
    clean = clean_line(reason)
    if decision == "reject" and not clean:
        raise Invalid(
            "reason-needed", N_("왜 거절하는지 올린 사람이 알 수 있게 적어 주세요."), field="reason"
        )
    _check_length(clean, MOST_REASON, "reason")
    return clean
