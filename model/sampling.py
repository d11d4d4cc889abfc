"""Writing: all drafts in one batch, one character at a time."""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from model.drafting import Draft
from model.network import CharGRU
from model.originality import WindowIndex
from model.particles import fitting_particles
from model.records import WriteRequest, Written
from model.stepping import Stepper, one_thread
from model.tokenizer import Tokenizer

CANDIDATES = 200  # likeliest characters looked at, before rules leave fewer


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
    seeds = draft_seeds(request.seed, request.drafts)
    drafts = [
        Draft(prompt, request.characters, request.keywords, seed, request.sample, index) for seed in seeds
    ]
    rows = request.drafts
    chances = scores.log_softmax(-1).expand(rows, -1)
    state = state.expand(-1, rows, -1).contiguous()
    while not all(draft.finished for draft in drafts):
        for row, draft in enumerate(drafts):
            _place_keyword(step, tokenizer, draft, chances[row], state[:, row : row + 1])
        chars = _choose(drafts, tokenizer, chances)
        ids = torch.tensor(tokenizer.encode("".join(chars)), device=chances.device)
        costs = chances.gather(1, ids[:, None]).squeeze(1).neg().tolist()
        for draft, char, cost in zip(drafts, chars, costs, strict=True):
            draft.add(char, cost)
        next_scores, state = step(ids, state)
        chances = next_scores.log_softmax(-1)
    return [_written(draft, seed, index) for draft, seed in zip(drafts, seeds, strict=True)]


def _choose(drafts: Sequence[Draft], tokenizer: Tokenizer, chances: Tensor) -> list[str]:
    """The next character of every draft."""
    values, ids = chances.topk(min(CANDIDATES, chances.shape[1]), dim=1)
    spelled = tokenizer.vocabulary.__getitem__
    chars = []
    for draft, row_values, row_ids in zip(drafts, values.tolist(), ids.tolist(), strict=True):
        chars.append(draft.choose(zip(map(spelled, row_ids), row_values, strict=True)))
    return chars


def _place_keyword(step: Stepper, tokenizer: Tokenizer, draft: Draft, chances: Tensor, state: Tensor) -> None:
    """Writes the keyword that is due, with the particle that reads best, if this is a good place for it."""
    plan = draft.due_keyword()
    if plan is None:
        return
    word = plan.word
    likelihood = phrase_chances(step, tokenizer, [word], chances, state)[0]
    if plan.accepts(len(draft.text), likelihood):
        forms = [f"{word}{particle} " for particle in fitting_particles(word)]
        phrases = list(filter(draft.fits, forms)) or forms
        fits = phrase_chances(step, tokenizer, phrases, chances, state)
        draft.insert(phrases[max(range(len(phrases)), key=fits.__getitem__)])


def phrase_chances(
    step: Stepper, tokenizer: Tokenizer, phrases: Sequence[str], chances: Tensor, state: Tensor
) -> list[float]:
    """Log probability of each phrase coming next, after `state` [layers, 1, hidden]; `chances` [vocabulary]
    are the log probabilities there."""
    longest = max(map(len, phrases))
    encoded = [tokenizer.encode(phrase) for phrase in phrases]
    block = torch.tensor([ids + [0] * (longest - len(ids)) for ids in encoded], device=chances.device)
    totals = chances[block[:, 0]]
    if longest > 1:
        count = len(phrases)
        scores, _ = step.read(block[:, :-1], state.expand(-1, count, -1).contiguous())
        following = scores.log_softmax(-1).gather(2, block[:, 1:, None]).squeeze(2)
        lengths = torch.tensor([len(ids) for ids in encoded], device=chances.device)
        inside = torch.arange(1, longest, device=chances.device)[None] < lengths[:, None]
        totals = totals + (following * inside).sum(1)
    values: list[float] = totals.tolist()
    return values


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
