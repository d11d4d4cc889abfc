"""What may be put to the vote and how a ballot is checked; seeds, pseudonyms and hashes. Counting is in `tallies`.

Values in, values out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.errors import N_, Invalid

APPROVAL, PLURALITY, MEDIAN = "approval", "plurality", "median"
IRV, RANKED_PAIRS = "irv", "ranked-pairs"
METHODS = (APPROVAL, PLURALITY, MEDIAN, IRV, RANKED_PAIRS)
RANKED = (IRV, RANKED_PAIRS)
"""Methods in which the order of a ballot's options tells which of them is liked better."""
ONE_ONLY = (PLURALITY, MEDIAN)
"""Methods in which a ballot chooses one option."""

MOST_OPTIONS = 60
MOST_PROPOSED = 5
"""Keywords that one person may propose in one poll, so that nobody fills it alone."""
LONGEST_KEYWORD = 12


@dataclass(frozen=True)
class Choice:
    """An option as it is counted. `value` is the number of a length option; a struck option cannot win."""

    option_id: int
    label: str
    proposed_at: datetime
    value: int | None = None
    is_none: bool = False
    struck: bool = False


def check_ballot(method: str, options: Sequence[Choice], chosen: Sequence[int]) -> list[int]:
    """The option ids that a ballot chooses, each once: best first in a ranked poll, else by id.

    "None of these" stands alone, or in a ranked poll last: whatever is better than nothing comes before it. Raises
    Invalid where a ballot may not be cast like this.
    """
    ids, known = list(dict.fromkeys(chosen)), {option.option_id: option for option in options}
    if not ids:
        raise Invalid("empty-ballot", N_("고른 것이 없어요. 하나 이상 골라 주세요."), field="options")
    if not known.keys() >= set(ids):
        raise Invalid(
            "foreign-option",
            N_("이 투표에 없는 선택지예요. 새로 고친 다음 다시 골라 주세요."),
            field="options",
        )
    if any(known[option_id].struck for option_id in ids):
        raise Invalid(
            "struck-option", N_("운영자가 내린 선택지가 들어 있어요. 다른 것을 골라 주세요."), field="options"
        )
    if method in ONE_ONLY and len(ids) > 1:
        raise Invalid(
            "one-option-only", N_("하나만 고를 수 있는 투표예요. 하나만 골라 주세요."), field="options"
        )
    if method in RANKED:
        _check_order(known, chosen)
        return ids
    if len(ids) > 1 and any(known[option_id].is_none for option_id in ids):
        message = N_("‘이 중에는 없어요’는 다른 것과 함께 고를 수 없어요. 하나만 골라 주세요.")
        raise Invalid("none-with-others", message, field="options")
    return sorted(ids)


def _check_order(known: Mapping[int, Choice], chosen: Sequence[int]) -> None:
    """Refuse an order in which something stands twice, or after "none of these"."""
    if len(set(chosen)) < len(chosen):
        raise Invalid(
            "option-twice", N_("같은 것을 두 번 적었어요. 순위마다 다른 것을 골라 주세요."), field="options"
        )
    if any(known[option_id].is_none for option_id in chosen[:-1]):
        message = N_(
            "‘이 중에는 없어요’는 맨 끝 순위로만 고를 수 있어요. 그보다 나은 것을 모두 앞에 적어 주세요."
        )
        raise Invalid("none-not-last", message, field="options")


def label_key(label: str) -> str:
    """What two labels have in common that differ only in case or the way Hangul is put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", label).casefold())


def seed_of(secret: str) -> str:
    """The seed that a poll breaks ties with, published when it closes. It does not give the secret away."""
    return _mac(secret, "seed")


def hash_seed(seed: str) -> str:
    """SHA-256 of the seed, published when the poll opens, so that nobody can choose a seed afterwards."""
    return hashlib.sha256(seed.encode("ascii")).hexdigest()


def pseudonym(secret: str, voter_id: int) -> str:
    """A voter's name in the published ballots of one poll.

    It comes from the secret, which stays secret: with the seed, which is published, anybody could try all voter ids.
    """
    return _mac(secret, f"voter:{voter_id}")[:16]


def tie_number(seed: str, option_id: int) -> str:
    """HMAC-SHA256, in hex, of the option's id in decimal under the seed; the smallest wins the last tie."""
    return _mac(seed, str(option_id))


def hash_result(result: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the result as JSON with sorted keys and no spaces."""
    text = json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _mac(key: str, message: str) -> str:
    return hmac.new(key.encode("ascii"), message.encode("ascii"), hashlib.sha256).hexdigest()
