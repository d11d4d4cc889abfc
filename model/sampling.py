"""Writing: all drafts in one batch, one character at a time.

Each draft has a seed of its own, and a step gives each the same whatever other drafts are written beside it: a draft
can be written again alone.
"""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from model.choice import Choice
from model.drafting import Draft
from model.echo import LONGEST, Echo
from model.keywords import Keywords, Moment, Reader
from model.network import CharGRU
from model.originality import WindowIndex
from model.records import WriteRequest, Written
from model.stepping import Stepper, one_thread
from model.tokenizer import Tokenizer


def draft_seeds(seed: int, drafts: int) -> list[int]:
    """One seed a draft: the request's own for the first, others derived from it."""
    derived = [hashlib.sha256(f"{seed}:{number}".encode()).digest()[:6] for number in range(1, drafts)]
    return [seed, *(int.from_bytes(digest) for digest in derived)]


@one_thread()
@torch.inference_mode()
def write_drafts(
    network: CharGRU,
    tokenizer: Tokenizer,
    index: WindowIndex,
    request: WriteRequest,
    *,
    prompt: str,
    scores: Tensor,
    state: Tensor,
    styles: Tensor,
) -> list[Written]:
    """Continues from `state` [layers, 1, hidden] and `scores` [vocabulary], those after the prompt.

    Same network, request and seed: same drafts, on one machine.
    """
    step = Stepper(network, styles, request.sample.precision)
    reader = Reader(step, tokenizer)
    choice = Choice(tokenizer, request.sample, scores.device)
    echo = Echo(prompt, tokenizer, request.sample.echo)
    seeds = draft_seeds(request.seed, request.drafts)
    drafts = [
        Draft(prompt, request.characters, request.keywords, seed, request.sample, index) for seed in seeds
    ]
    growing = [Keywords(draft) for draft in drafts]
    scores, state = scores.expand(len(drafts), -1), state.expand(-1, len(drafts), -1).contiguous()
    while growing:
        tails = [keywords.draft.tail(LONGEST) for keywords in growing]
        chances = echo.raise_chances(scores.log_softmax(-1), tails)
        _place_keywords(growing, chances, state, reader)
        ids = _add([keywords.draft for keywords in growing], choice, tokenizer, chances)
        scores, state = step(ids, state)
        left = [row for row, keywords in enumerate(growing) if not keywords.draft.full]
        growing, scores, state = [growing[row] for row in left], scores[left], state[:, left]
    return [_written(draft, seed, index) for draft, seed in zip(drafts, seeds, strict=True)]


def _place_keywords(growing: Sequence[Keywords], chances: Tensor, state: Tensor, reader: Reader) -> None:
    """Takes drafts back to where a keyword fits best, and what the network holds of them with them, in place."""
    for row, keywords in enumerate(growing):
        moment = keywords.place(Moment(state[:, row : row + 1], chances[row]), reader)
        if moment:
            state[:, row : row + 1], chances[row] = moment.state, moment.chances


def _add(drafts: Sequence[Draft], choice: Choice, tokenizer: Tokenizer, chances: Tensor) -> Tensor:
    """Adds the next character to every draft; returns their ids [drafts]."""
    chars = choice.of(drafts, chances)
    ids = torch.tensor(tokenizer.encode("".join(chars)), device=chances.device)
    costs = chances.gather(1, ids[:, None]).squeeze(1).neg().tolist()
    for draft, char, cost in zip(drafts, chars, costs, strict=True):
        draft.add(char, cost)
    return ids


def _written(draft: Draft, seed: int, index: WindowIndex) -> Written:
    text = draft.ending()
    overlap = index.overlap(text)
    measurements = {
        "characters": float(len(text)),
        "bits_per_character": draft.surprise[min(len(text), len(draft.surprise) - 1)]
        / max(1, len(text))
        / math.log(2),
        "longest_shared_run": float(overlap.longest),
        "shared_share": overlap.share,
    }
    return Written(text, seed, tuple(word for word in draft.keywords if word in text), measurements)
