"""Keywords: where in a draft they make sense, and with which particle after them.

A draft is written a stretch at a time. When a stretch is over, every beginning of a word in it is looked at: given
that the keyword stands somewhere in it, the odds of each place are the likelihood of the keyword there (importance
weights, as in sequential Monte Carlo: Doucet, de Freitas and Gordon 2001, of which the likeliest is taken). The draft
goes back to that place, the keyword is written with the particle that reads best, and the network goes on from there.
So a draft is, up to its first keyword, what the same seed writes without keywords.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from model.drafting import Draft
from model.particles import fitting_particles
from model.stepping import Stepper
from model.tokenizer import Tokenizer

SPREAD = 0.8  # of a draft over which keywords are spread
LOOKED_AT = 300  # characters at the end of a stretch in which places are looked for
PATIENCE = 15  # characters after a stretch within which a word must begin


@dataclass(frozen=True)
class Moment:
    """What the network holds at a place of a draft: its state [layers, 1, hidden], and the log probabilities of what
    comes next [vocabulary]."""

    state: Tensor
    chances: Tensor


class Reader:
    """Tells how likely phrases are."""

    def __init__(self, step: Stepper, tokenizer: Tokenizer) -> None:
        self._step = step
        self._tokenizer = tokenizer

    def likelihoods(self, phrases: Sequence[str], moments: Sequence[Moment]) -> Tensor:
        """Log probability of each phrase coming at its moment: [phrases]."""
        encoded = [torch.tensor(self._tokenizer.encode(phrase)) for phrase in phrases]
        chances = torch.stack([moment.chances for moment in moments])
        block = pad_sequence(encoded, batch_first=True, padding_value=-1).to(chances.device)
        ids, inside = block.clamp(min=0), block[:, 1:] >= 0
        totals = chances.gather(1, ids[:, :1]).squeeze(1)
        if not inside.any():
            return totals
        scores, _ = self._step.read(ids[:, :-1], torch.cat([moment.state for moment in moments], 1))
        following = scores.log_softmax(-1).gather(2, ids[:, 1:, None]).squeeze(2)
        return totals + (following * inside).sum(1)

    def after(self, text: str, moment: Moment) -> Moment:
        """The moment when a text has been read from another on."""
        ids = torch.tensor([self._tokenizer.encode(text)], device=moment.chances.device)
        scores, state = self._step.read(ids, moment.state)
        return Moment(state, scores[0, -1].log_softmax(-1))


class Keywords:
    """Has the keywords written that a draft waits for."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._stretch = SPREAD * draft.length / max(1, len(draft.waiting))
        self._end = self._stretch
        self._places: list[tuple[int, Moment]] = []

    def place(self, moment: Moment, reader: Reader) -> Moment | None:
        """Follows the draft, which now stands at `moment`. At the end of a stretch the next keyword is placed, unless
        it came by itself: then the draft is taken back, has to go on with the keyword, and what the network held
        there is returned."""
        draft = self.draft
        if not draft.waiting or draft.forced:
            return None
        if draft.at_word and len(draft.text) >= self._end - LOOKED_AT:
            self._places.append((len(draft.text), moment))
        if len(draft.text) < self._end:
            return None
        if not self._places:
            if len(draft.text) > self._end + PATIENCE:
                draft.forced.append(" ")
            return None
        word, places = draft.waiting.pop(0), self._places
        self._places, self._end = [], self._end + self._stretch
        return None if begins_a_word(word, draft.text) else self._write(word, places, reader)

    def _write(self, word: str, places: Sequence[tuple[int, Moment]], reader: Reader) -> Moment:
        likelihoods = reader.likelihoods([word] * len(places), [moment for _, moment in places])
        order: list[int] = likelihoods.argsort(descending=True, stable=True).tolist()
        free = (number for number in order if self.draft.fits(word, places[number][0]))
        place, moment = places[next(free, order[0])]
        self.draft.back_to(place)
        self.draft.forced.extend(self._with_particle(word, moment, reader))
        return moment

    def _with_particle(self, word: str, moment: Moment, reader: Reader) -> str:
        particles = fitting_particles(word, spoken=self.draft.speaking)
        phrases = [f"{word}{particle} " for particle in particles]
        phrases = [phrase for phrase in phrases if self.draft.fits(phrase, len(self.draft.text))] or phrases
        endings = [phrase.removeprefix(word) for phrase in phrases]
        fits = reader.likelihoods(endings, [reader.after(word, moment)] * len(endings))
        return phrases[int(fits.argmax())]


def begins_a_word(word: str, text: str) -> bool:
    """Whether a word stands in a text, with nothing before it in its own word: 비 does in 비가, not in 준비."""
    return f" {word}" in f" {text}".translate(dict.fromkeys(map(ord, "\n“‘("), " "))
