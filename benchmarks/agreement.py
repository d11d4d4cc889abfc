"""Whether the particle after a word agrees with the word's last sound: told by spelling it out, not by `model`.

Hangul is decomposed (NFD): a syllable of three letters ends in a consonant, one of two in a vowel.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

AFTER_CONSONANT = (
    "은",
    "이",
    "을",
    "과",
    "으로",
    "이나",
    "이라",
    "이라도",
    "이라고",
    "이라는",
    "이란",
    "이며",
    "이랑",
)
AFTER_VOWEL = ("는", "가", "를", "와", "로", "나", "라", "라도", "라고", "라는", "란", "며", "랑")
AFTER_ANY = (
    "의",
    "에",
    "도",
    "만",
    "에서",
    "에게",
    "처럼",
    "까지",
    "부터",
    "보다",
    "마다",
    "에는",
    "뿐",
    "께",
)
READ_OUT = {
    "0": "영",
    "1": "일",
    "2": "이",
    "3": "삼",
    "4": "사",
    "5": "오",
    "6": "육",
    "7": "칠",
    "8": "팔",
    "9": "구",
}
RIEUL = "\u11af"


@dataclass(frozen=True)
class Use:
    """How a word was used in one place: the particle after it, "" if none is known, and whether it agrees (None where
    it takes no form of two)."""

    particle: str
    agrees: bool | None


def last_consonant(word: str) -> str:
    """The consonant a word ends in, as a letter of its own; "" after a vowel."""
    letters = unicodedata.normalize("NFD", READ_OUT.get(word[-1], word[-1]))
    return letters[2] if len(letters) == 3 else ""


def agrees(word: str, particle: str) -> bool | None:
    """Whether this is the form of the particle that the word asks for; None if it has one form only."""
    final = last_consonant(word)
    if particle in ("으로", "로"):
        return (particle == "로") == (final in ("", RIEUL))
    if particle in AFTER_CONSONANT:
        return final != ""
    return final == "" if particle in AFTER_VOWEL else None


def uses(word: str, text: str) -> list[Use]:
    """Every place where a word of the text begins with `word`."""
    found = []
    for match in re.finditer(rf"(?<![가-힣]){re.escape(word)}([가-힣]*)", text):
        tail = match[1]
        particle = tail if tail in (*AFTER_CONSONANT, *AFTER_VOWEL, *AFTER_ANY) else ""
        found.append(Use(particle, agrees(word, particle)))
    return found


def nouns(texts: Iterable[str], *, least: int = 3) -> list[str]:
    """Words that are nouns by how they are used: two to four syllables that occur with at least three different
    particles, every one in the form the word asks for, and that are no such word with a particle themselves (것이).
    In the order of the alphabet."""
    particles: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for word in re.findall(r"(?<![가-힣])[가-힣]+(?![가-힣])", text):
            for particle in (*AFTER_CONSONANT, *AFTER_VOWEL, *AFTER_ANY):
                if (stem := word.removesuffix(particle)) not in ("", word):
                    particles[stem].add(particle)
    stems = {
        stem
        for stem, seen in particles.items()
        if len(seen) >= least and all(agrees(stem, particle) is not False for particle in seen)
    }
    longer = {stem + particle for stem in stems for particle in ("이", *AFTER_ANY)}
    return sorted(stem for stem in stems - longer if 2 <= len(stem) <= 4)
