"""Words of the passage before come back: what makes a draft answer it.

A cache language model (Kuhn and De Mori 1990): n-grams of the prompt raise the chances of the characters that ended
them there, each length smoothed towards the one below it as by a Dirichlet prior (MacKay and Peto 1995), the shortest
towards the network. A network's state loses a name after a sentence or two; this does not.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from model.tokenizer import UNKNOWN, Tokenizer

LONGEST = 4  # characters looked back on
# How many occurrences the guess without the prompt weighs, by characters looked back on.
DOUBTS = {2: 100.0, 3: 30.0, 4: 15.0}


class Echo:
    """The n-grams of a prompt."""

    def __init__(self, prompt: str, tokenizer: Tokenizer, strength: float) -> None:
        """`strength` multiplies occurrences; 0 leaves chances as they are."""
        self._tokenizer = tokenizer
        self._strength = strength
        self._followers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for length in DOUBTS:
            for at in range(length, len(prompt)):
                self._followers[prompt[at - length : at]][prompt[at]] += 1
        self._found: dict[str, tuple[float, dict[int, float]]] = {}

    def raise_chances(self, chances: Tensor, tails: Sequence[str]) -> Tensor:
        """Log probabilities [drafts, vocabulary] of what comes next after each tail of `LONGEST` characters."""
        if not self._strength:
            return chances
        found = [self._after(tail) for tail in tails]
        places = [(row, number) for row, (_, added) in enumerate(found) for number in added]
        if not places:
            return chances
        raised = chances + torch.tensor([kept for kept, _ in found], device=chances.device)[:, None]
        rows, numbers = torch.tensor(places, device=chances.device).unbind(1)
        added = [share for _, shares in found for share in shares.values()]
        raised[rows, numbers] = raised[rows, numbers].logaddexp(torch.tensor(added, device=chances.device))
        return raised

    def _after(self, tail: str) -> tuple[float, dict[int, float]]:
        """Log of the share that the network's own guess keeps, and of the shares added to single characters."""
        if tail not in self._found:
            self._found[tail] = self._look_up(tail)
        return self._found[tail]

    def _look_up(self, tail: str) -> tuple[float, dict[int, float]]:
        kept = 1.0
        added: dict[int, float] = {}
        for length, doubt in DOUBTS.items():
            if followers := self._followers.get(tail[-length:]):
                total = followers.total() + doubt / self._strength
                numbers = self._tokenizer.encode("".join(followers))
                shares = zip(numbers, (count / total for count in followers.values()), strict=True)
                known = {number: share for number, share in shares if number != UNKNOWN}
                left = 1 - sum(known.values())
                kept *= left
                added = {n: left * added.get(n, 0.0) + known.get(n, 0.0) for n in added | known}
        return math.log(kept), {number: math.log(share) for number, share in added.items()}
