"""What is left of a novel after two more have been learned, and of what the writer knew before them.

    .venv/bin/python -m benchmarks.forgetting [--base FOLDER] [--base-seconds 300] [--seconds 60] [--seed 0]

Novels A, B and C are learned one after another, for as long as the site does and with the shares it rehearses them
by: what came before A is not at hand as text there, so nothing of it is rehearsed here either. The last fifth of
each novel is never shown. The reference goes on by its own recipe, as long.

How much can be gained on C hangs on how much is left to gain, and the reference begins about a bit behind: whatever
it reads helps it more. So its recipe is followed a second time from our base, for as many updates as its own network
made in its time. That gain is the one ours is held against; the other stands beside it. Both count from the base: a
writer that forgets gains back by C what it has lost by A and B.

`--base` is a checkpoint that has not read the five held-out works. Without it our default writer learns the other
works on the spot for --base-seconds, as the reference does in any case; both are kept in benchmarks/out (delete it
to begin anew).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from benchmarks.learning import THREADS, lessons, new_reference
from benchmarks.novels import held_out, learned
from benchmarks.reference import Recipe, ReferenceWriter, streams
from benchmarks.table import Row, compared, load_now, measured, show
from model.char_writer import CharWriter
from model.checkpoint import load_checkpoint
from model.corpus import for_learning
from model.network import CharGRU
from model.writer import LearningText, TrainConfig, Writer, load_writer, new_writer
from webapp.core.training.rules import plan_lessons
from workers.growth import style_of
from workers.learning import PASSES

SEQUENCE = ("현진건_빈처", "이효석_도시와_유령", "윤백남_정열의_낙랑공주")  # A, B and C
LEARNED_SHARE = 0.8  # of each of them; the rest is measured
MOST_RISE = 3.0  # percent, on A
OUT = Path(__file__).parent / "out"

Bits = dict[str, float]  # bits per character by work


def main() -> None:
    """Run both sides, print what each knew after every step and a table; exits with 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", type=Path, help="a checkpoint that has not read the five held-out works")
    parser.add_argument("--base-seconds", type=float, default=300.0, help="time to learn what comes before A")
    parser.add_argument("--seconds", type=float, default=60.0, help="time to learn each novel")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    reference, paces = follow_reference(reference_base(arguments.base_seconds), arguments.seconds)
    base = arguments.base or our_base(arguments.base_seconds)
    plain = follow_recipe(base, paces)
    ours = follow_ours(load_writer(base, "cpu"), arguments.seconds, arguments.seed)
    raise SystemExit(not show(rows(ours, reference, plain)))


def our_base(seconds: float) -> Path:
    """The checkpoint of a default writer that has read the corpus for so long."""
    folder = OUT / f"base-{seconds:.0f}s"
    if not folder.exists():
        print(f"our base learns {seconds:.0f} s; {load_now()}", flush=True)
        writer, texts = new_writer(device="cpu"), lessons(learned())
        writer.learn(texts, config=TrainConfig(seconds=seconds, threads=THREADS))
        OUT.mkdir(exist_ok=True)
        writer.save(folder, parent=None, texts=texts)
    return folder


def reference_base(seconds: float) -> ReferenceWriter:
    """The reference after so long on the corpus."""
    path = OUT / f"reference-{seconds:.0f}s.pt"
    if not path.exists():
        print(f"the reference's base learns {seconds:.0f} s; {load_now()}", flush=True)
        reference = new_reference(seed=0)
        reference.learn(list(learned().values()), seconds=seconds, threads=THREADS)
        OUT.mkdir(exist_ok=True)
        reference.keep(path)
    return ReferenceWriter.resume(path)


def follow_ours(writer: Writer, seconds: float, seed: int) -> list[Bits]:
    """What our writer knows at first and after each novel, learned as on the site."""

    def learn(number: int) -> None:
        config = TrainConfig(seconds=seconds, seed=seed, threads=THREADS, passes=PASSES["source"])
        writer.learn(site_lessons(number), config=config)

    return follow("ours", learn, lambda: writer)


def follow_reference(reference: ReferenceWriter, seconds: float) -> tuple[list[Bits], list[int]]:
    """The same of the reference, which reads nothing again; and how many updates it made in each novel's time."""
    paces = []

    def learn(number: int) -> None:
        texts = [learned_part(SEQUENCE[number])]
        paces.append(reference.learn(texts, seconds=seconds, threads=THREADS).steps)

    return follow("reference", learn, reference.imported), paces


def follow_recipe(base: Path, paces: Sequence[int]) -> list[Bits]:
    """The same of our base, taught by the reference's recipe for so many updates a novel."""
    writer = CharWriter.restore(load_checkpoint(base), device="cpu")
    recipe = Recipe(Borrowed(writer._network))

    def learn(number: int) -> None:
        ids = writer._tokenizer.encode(for_learning(learned_part(SEQUENCE[number])))
        recipe.learn([streams(torch.tensor(ids))], steps=paces[number])

    return follow("the reference's recipe on our base", learn, lambda: writer)


class Borrowed(nn.Module):
    """Our network in the form that the reference's recipe teaches; it reads in no style in particular."""

    def __init__(self, network: CharGRU) -> None:
        super().__init__()
        self._network = network

    def forward(self, ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        batch = ids.shape[1]
        styles = one_hot(torch.zeros(batch, dtype=torch.long), len(self._network.styles)).float()
        before = self._network.blank_state(batch) if state is None else state
        scores, after = self._network(ids.t(), styles, before)
        return scores.transpose(0, 1), after


def follow(side: str, learn: Callable[[int], None], current: Callable[[], Writer]) -> list[Bits]:
    """Measure, learn a novel, measure, and so on; prints a line each time."""
    print(f"{side}; {load_now()}\n{'after':>12} " + " ".join(measured_parts()), flush=True)
    curve = []
    for number, step in enumerate(("the base", "A", "B", "C")):
        if number:
            learn(number - 1)
        writer = current()
        curve.append({title: writer.score(text) for title, text in measured_parts().items()})
        print(f"{step:>12} " + " ".join(f"{bits:{len(t)}.3f}" for t, bits in curve[-1].items()), flush=True)
    return curve


def site_lessons(number: int) -> list[LearningText]:
    """The texts of a source turn that teaches this novel of the sequence, after those before it."""
    return [
        LearningText(
            learned_part(SEQUENCE[lesson["novel_id"]]),
            style_of(lesson["novel_id"]),
            lesson["share"],
            lesson["role"],
        )
        for lesson in plan_lessons(novels={number: 1.0}, read_before=range(number))
    ]


def learned_part(title: str) -> str:
    """The beginning of a novel, which is shown."""
    text = held_out()[title]
    return text[: int(len(text) * LEARNED_SHARE)]


def measured_parts() -> dict[str, str]:
    """The ends of the three novels, never shown, and the other held-out works, which nobody reads: how a writer
    does on those tells what it still knows of all it has read before A."""
    works = held_out()
    ends = {title: works[title][len(learned_part(title)) :] for title in SEQUENCE}
    return ends | {title: text for title, text in works.items() if title not in SEQUENCE}


def rows(ours: Sequence[Bits], reference: Sequence[Bits], plain: Sequence[Bits]) -> list[Row]:
    """The table, of what each knew after the base, A, B and C: our writer, the reference, and our base taught by the
    reference's recipe."""
    first, second, third = SEQUENCE
    others = [title for title in ours[0] if title not in SEQUENCE]
    gain, gain_of_reference, gain_of_recipe = (
        curve[0][third] - curve[-1][third] for curve in (ours, reference, plain)
    )
    recipe = "(reference: its recipe on our base)"
    return [
        rise_row("A: rise since it was learned, %", ours, reference, [first], since=1, most=MOST_RISE),
        rise_row(f"A: the same {recipe}", ours, plain, [first], since=1),
        measured(f"C: bits gained since the base {recipe}", gain, gain_of_recipe, least=gain_of_recipe),
        measured("C: the same (reference: from its own base)", gain, gain_of_reference),
        compared("C: bits per character at the end", ours[-1][third], reference[-1][third]),
        rise_row("B: rise since it was learned, %", ours, reference, [second], since=2),
        rise_row("works not read: rise since the base, %", ours, reference, others, since=0),
        rise_row(f"works not read: the same {recipe}", ours, plain, others, since=0),
    ]


def rise_row(
    item: str, ours: Sequence[Bits], reference: Sequence[Bits], titles: Sequence[str], *,
    since: int, most: float | None = None,
) -> Row:  # fmt: skip
    """How much worse these works stand at the end than they stood then, on both sides."""
    rises = [
        100 * (sum(curve[-1][title] for title in titles) / sum(curve[since][title] for title in titles) - 1)
        for curve in (ours, reference)
    ]
    return measured(item, rises[0], rises[1], most=most, digits=1)


if __name__ == "__main__":
    main()
