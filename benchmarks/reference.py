"""The predecessor's recipe, for comparison only: what 이음's writer is measured against.

Embedding and two GRU layers of 1,024 each, a linear layer to the vocabulary, nothing shared between them. Adam at
1e-3, 8 × 200 characters an update, the hidden state carried, cross-entropy, gradients clipped at 5; no dropout, no
schedule. Novels are read one after another, each whole and in its order, weights and optimiser going on; when all
have been read, round again. It writes one draft at a time, the likeliest character again and again. Plain PyTorch
in fp32, as it was.
"""

from __future__ import annotations

import itertools
import pickle
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from model.corpus import for_learning
from model.predecessor import import_predecessor
from model.writer import Writer, load_writer

SIZE = 1_024
LAYERS = 2
STREAMS = 8
WINDOW = 200
RATE = 1e-3
CLIP = 5.0
UNKNOWN = "<UNK>"  # number 0, read for every character outside the vocabulary


def vocabulary_of(texts: Iterable[str]) -> list[str]:
    """Every character of texts, in the form they are learned in, the most frequent first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(for_learning(text))
    return sorted(counts, key=lambda char: (-counts[char], char))


class ReferenceGRU(nn.Module):
    """The predecessor's network, its parameters named as in its files."""

    def __init__(self, vocabulary: int, size: int = SIZE) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocabulary, size)
        self.gru = nn.GRU(size, size, LAYERS)
        self.fc1 = nn.Linear(size, vocabulary)

    def forward(self, ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """ids [time, batch], state [layers, batch, size] → scores [time, batch, vocabulary] and the state after."""
        hidden, state = self.gru(self.emb(ids), state)
        return self.fc1(hidden), state


@dataclass(frozen=True)
class ReferenceProgress:
    """Where a run stands: updates, characters read, seconds, and the last update's loss in nats per character."""

    steps: int
    characters: int
    seconds: float
    loss: float


class Recipe:
    """How the predecessor learned: its optimiser, going on from novel to novel.

    It teaches its own network, or any other of the same form: ids [time, batch] and a state, or None at a novel's
    beginning → scores [time, batch, vocabulary] and the state after.
    """

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self.optimiser = torch.optim.Adam(network.parameters(), lr=RATE)

    def learn(
        self,
        novels: Sequence[Tensor],
        *,
        seconds: float | None = None,
        steps: int | None = None,
        progress: Callable[[ReferenceProgress], None] = lambda _: None,
    ) -> ReferenceProgress:
        """Goes on learning for so many seconds (wall clock) or updates from novels cut in `streams`; returns where
        it ended. Raises ValueError without a limit, or if all novels are too short to fill the streams.
        """
        if seconds is None and steps is None:
            raise ValueError("say for how many seconds or steps to learn")
        started = time.monotonic()
        state: Tensor | None = None
        now = ReferenceProgress(0, 0, 0.0, 0.0)
        for inputs, targets, first in windows_of(novels):
            loss, state = self._update(inputs, targets, None if first else state)
            characters = now.characters + targets.numel()
            now = ReferenceProgress(now.steps + 1, characters, time.monotonic() - started, loss)
            progress(now)
            if now.steps == steps or (seconds is not None and now.seconds >= seconds):
                break
        return now

    def _update(self, inputs: Tensor, targets: Tensor, state: Tensor | None) -> tuple[float, Tensor]:
        self._network.train()
        scores, state = self._network(inputs, state)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), CLIP)
        self.optimiser.step()
        return loss.item(), state.detach()


class ReferenceWriter:
    """What the predecessor was: learns novels one after another, writes greedily.

    `vocabulary` are single characters; `size` is smaller in tests only.
    """

    def __init__(self, vocabulary: Sequence[str], *, seed: int = 0, size: int = SIZE) -> None:
        torch.manual_seed(seed)
        self.entries = [UNKNOWN, *vocabulary]
        self.network = ReferenceGRU(len(self.entries), size)
        self.recipe = Recipe(self.network)
        self.memory = torch.zeros(LAYERS, 1, size)  # the state after the last character written
        self._numbers = {char: number for number, char in enumerate(self.entries)}

    def learn(
        self,
        texts: Sequence[str],
        *,
        seconds: float | None = None,
        steps: int | None = None,
        threads: int | None = None,
        progress: Callable[[ReferenceProgress], None] = lambda _: None,
    ) -> ReferenceProgress:
        """See `Recipe.learn`. `threads` None leaves torch's own number."""
        if threads is not None:
            torch.set_num_threads(threads)
        novels = [streams(self._encode(for_learning(text))) for text in texts]
        return self.recipe.learn(novels, seconds=seconds, steps=steps, progress=progress)

    @torch.no_grad()
    def write(self, prompt: str, characters: int) -> str:
        """One draft: so many likeliest characters after a prompt, read as it stands; without one, after a space."""
        self.network.eval()
        scores, state = self.network(self._encode(prompt or " ").view(-1, 1), None)
        written = []
        for _ in range(characters):
            chosen = scores[-1, 0].argmax()
            written.append(self.entries[int(chosen)])
            scores, state = self.network(chosen.view(1, 1), state)
        self.memory = state
        return "".join(written)

    def bits(self, text: str) -> float:
        """Bits per character of a text, by the rule for every other writer. For several texts, `imported` once."""
        return self.imported().score(text)

    def imported(self) -> Writer:
        """The same network behind our own interface, so that one rule measures both sides: the texts in the form
        they are learned in, cut in the same places, the same price for a character that is not known."""
        with tempfile.TemporaryDirectory(prefix="ieum-reference-") as name:
            folder = Path(name)
            self.save(folder)
            import_predecessor(folder / "gru_20.pkl", folder / "vocab.pkl", None, folder / "writer")
            return load_writer(folder / "writer", "cpu")

    def keep(self, path: Path) -> None:
        """Writes all that it takes to learn on: `resume` reads it."""
        states = {"network": self.network.state_dict(), "optimiser": self.recipe.optimiser.state_dict()}
        torch.save({"entries": self.entries, **states}, path)

    @classmethod
    def resume(cls, path: Path) -> Self:
        """The writer that `keep` wrote down. Raises FileNotFoundError."""
        kept = torch.load(path, weights_only=True)
        writer = cls(kept["entries"][1:], size=kept["network"]["emb.weight"].shape[1])
        writer.network.load_state_dict(kept["network"])
        writer.recipe.optimiser.load_state_dict(kept["optimiser"])
        return writer

    def save(self, folder: Path) -> None:
        """Writes the predecessor's files: gru_20.pkl, vocab.pkl and hidden.pkl."""
        numbered = dict(enumerate(self.entries))
        vocab = {"vocab_size": len(self.entries), "vocab_itoc": numbered, "vocab_ctoi": self._numbers}
        torch.save(self.network.state_dict(), folder / "gru_20.pkl")
        (folder / "vocab.pkl").write_bytes(pickle.dumps(vocab))
        torch.save(self.memory, folder / "hidden.pkl")

    def _encode(self, text: str) -> Tensor:
        return torch.tensor([self._numbers.get(char, 0) for char in text])


def streams(ids: Tensor) -> Tensor:
    """A novel cut in parallel streams, [its length / streams, streams]; the few characters left over are dropped."""
    length = len(ids) // STREAMS
    return ids[: length * STREAMS].view(STREAMS, length).T.contiguous()


def windows_of(novels: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor, bool]]:
    """Inputs and targets [time, streams], and whether a novel begins: all novels in turn, without end."""
    if all(len(novel) < 2 for novel in novels):
        raise ValueError("the texts are too short to be cut in streams")
    for novel in itertools.cycle(novels):
        for at in range(0, len(novel) - 1, WINDOW):
            targets = novel[at + 1 : at + WINDOW + 1]
            yield novel[at : at + len(targets)], targets, at == 0
