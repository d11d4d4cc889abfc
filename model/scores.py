"""A writer's scores: how well it knows what it has read, and how it writes from beginnings that stay the same.

The beginnings, their keywords and their seed never change, so that the scores of two checkpoints can be laid side by
side: growth shows, and so does forgetting. Does not import torch.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Self

from model.records import WriteRequest, Written
from model.text import visible

HELD_OUT_READ = 1_000  # characters of a text's held-out part that are measured, so that many texts can be
WINDOW = 8  # characters that make a window, where repetition within a draft is counted
BEGINNINGS = {
    "비가 그친 저녁이었다.": ("우산", "골목", "편지"),
    "“거기 누구 있어요?”": ("등불", "발소리", "그림자"),
    "어머니는 아무 말 없이": ("밥상", "달빛", "기차"),
}
REQUESTS = (
    *(WriteRequest(prompt, characters=120) for prompt in BEGINNINGS),
    *(WriteRequest(prompt, characters=120, drafts=3, keywords=words) for prompt, words in BEGINNINGS.items()),
)


@dataclass(frozen=True)
class TextScore:
    """Bits per character on the measured part of one style's text, which is never learned."""

    style: str
    characters: int
    bits: float


@dataclass(frozen=True)
class Sample:
    """What the writer makes of a beginning, and which of the keywords asked for stand in it."""

    prompt: str
    text: str
    keywords: tuple[str, ...] = ()
    keywords_found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scores:
    """What was measured of a writer. All but `held_out` is measured of the drafts written for `REQUESTS`; `samples`
    holds the first draft of each. Shares and rates lie between 0 and 1."""

    held_out: tuple[TextScore, ...]
    samples: tuple[Sample, ...]
    longest_copied: int  # visible characters in a row that stand in a text read
    copied_share: float  # of the windows of eight visible characters: those that stand in a text read
    repeated_share: float  # of the same windows: those that stood in the draft before
    keyword_rate: float  # of the keywords asked for: those that stand in the draft
    distinct_characters: tuple[float, float]  # distinct-1 and distinct-2, see `distinct`
    distinct_words: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The scores that a checkpoint holds."""
        parts = {
            "held_out": tuple(TextScore(**part) for part in values["held_out"]),
            "samples": tuple(_sample(**part) for part in values["samples"]),
            "distinct_characters": tuple(values["distinct_characters"]),
            "distinct_words": tuple(values["distinct_words"]),
        }
        return cls(**{**values, **parts})


def _sample(prompt: str, text: str, keywords: Sequence[str], keywords_found: Sequence[str]) -> Sample:
    return Sample(prompt, text, tuple(keywords), tuple(keywords_found))


def scores_of(held_out: Iterable[TextScore], answers: Sequence[Sequence[Written]]) -> Scores:
    """The scores of a writer that answered each of `REQUESTS` with these drafts."""
    drafts = [draft for answer in answers for draft in answer]
    texts = [draft.text for draft in drafts]
    words = [re.findall(r"\w+", text) for text in texts]
    characters = [visible(text) for text in texts]
    return Scores(
        held_out=tuple(held_out),
        samples=tuple(
            Sample(request.prompt, answer[0].text, tuple(request.keywords), answer[0].keywords_found)
            for request, answer in zip(REQUESTS, answers, strict=True)
        ),
        longest_copied=max(int(draft.measurements["longest_shared_run"]) for draft in drafts),
        copied_share=fmean(draft.measurements["shared_share"] for draft in drafts),
        repeated_share=fmean(map(repeated_share, texts)),
        keyword_rate=_keyword_rate(answers),
        distinct_characters=(distinct(characters, 1), distinct(characters, 2)),
        distinct_words=(distinct(words, 1), distinct(words, 2)),
    )


def _keyword_rate(answers: Sequence[Sequence[Written]]) -> float:
    asked = sum(len(request.keywords) * request.drafts for request in REQUESTS)
    return sum(len(draft.keywords_found) for answer in answers for draft in answer) / asked


def distinct(texts: Iterable[Sequence[str]], n: int) -> float:
    """How varied texts are: the distinct n-grams of all of them, as a share of all their n-grams (distinct-n: Li et
    al. 2016, arXiv:1510.03055). It falls as texts grow longer, so only like amounts of text can be compared."""
    grams = [tuple(text[at : at + n]) for text in texts for at in range(len(text) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def repeated_share(text: str) -> float:
    """The share of a text's windows of eight visible characters that stood in it before: 0 where nothing loops."""
    seen = visible(text)
    windows = [seen[at : at + WINDOW] for at in range(len(seen) - WINDOW + 1)]
    return 1 - len(set(windows)) / len(windows) if windows else 0.0
