"""What each side learns in the same time: our default writer against the predecessor's recipe, from scratch.

    .venv/bin/python -m benchmarks.learning [--seconds 300] [--seeds 1]

Both read the shared corpus without the five held-out works, on two threads, one after the other, and are measured on
those five when their time is over. The time is the whole call on the wall clock, with what our run measures for
itself while it learns; measuring the five comes after it, on both sides. Then ours begins anew with a tenth of the
time and less, to see how soon it reaches the score that the reference had at the end.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.novels import held_out, learned, novels
from benchmarks.reference import ReferenceWriter, vocabulary_of
from benchmarks.table import Row, compared, load_now, measured, show
from model.corpus import for_learning
from model.writer import LearningText, TrainConfig, Writer, new_writer

THREADS = 2
MOST_BITS = 0.83  # of the reference's
MOST_TIME = 1 / 10  # of the reference's
SHORT_TIMES = (1 / 30, 1 / 20, 1 / 15, 1 / 12)  # a run ends a little after its time


@dataclass(frozen=True)
class Run:
    """What one side did in its time: seconds and updates it took, characters it read; then bits per character by
    work, and over all of them together."""

    seconds: float
    updates: int
    characters: int
    bits: dict[str, float]
    mean: float


def main() -> None:
    """Run, print a table a seed; exits with 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="time to learn, for each side")
    parser.add_argument(
        "--seeds", type=int, default=1, help="how often all is done, each time from other weights"
    )
    arguments = parser.parse_args()
    met = [compare(arguments.seconds, seed) for seed in range(arguments.seeds)]
    raise SystemExit(not all(met))


def compare(seconds: float, seed: int) -> bool:
    """Both sides in one run; prints their table and returns whether the limits were met."""
    print(f"seed {seed}; reference learns {seconds:.0f} s; {load_now()}", flush=True)
    reference = run_reference(seconds, seed)
    print(f"ours learns {seconds:.0f} s; {load_now()}", flush=True)
    ours = run_ours(seconds, seed)
    short = []
    for share in SHORT_TIMES:
        print(f"ours learns {seconds * share:.0f} s; {load_now()}", flush=True)
        short.append(run_ours(seconds * share, seed))
        if short[-1].mean <= reference.mean:
            break
    return show(rows(ours, reference, short))


def run_ours(seconds: float, seed: int) -> Run:
    """Our default writer after so many seconds."""
    writer = new_writer(seed=seed, device="cpu")
    texts = lessons(learned())
    started = time.monotonic()
    report = writer.learn(texts, config=TrainConfig(seconds=seconds, seed=seed, threads=THREADS))
    seconds = time.monotonic() - started
    return Run(seconds, report.steps, report.characters_read, *bits_of(writer))


def run_reference(seconds: float, seed: int) -> Run:
    """The predecessor's recipe after so many seconds."""
    reference = new_reference(seed)
    end = reference.learn(list(learned().values()), seconds=seconds, threads=THREADS)
    return Run(end.seconds, end.steps, end.characters, *bits_of(reference.imported()))


def new_reference(seed: int) -> ReferenceWriter:
    """A reference that has learned nothing. It has the held-out works' characters in its vocabulary too, as the
    predecessor had those of all its novels: in the corpus a favour worth 0.004 bits per character at the most."""
    return ReferenceWriter(vocabulary_of(novels().values()), seed=seed)


def lessons(texts: Mapping[str, str]) -> list[LearningText]:
    """Every text read as often as any other, in no style in particular: that is how unread works are measured."""
    return [LearningText(text, style="", share=len(text)) for text in texts.values()]


def bits_of(writer: Writer) -> tuple[dict[str, float], float]:
    """Bits per character on each held-out work, and on all of them as one."""
    works = held_out()
    bits = {title: writer.score(text) for title, text in works.items()}
    return bits, mean_bits(bits, {title: len(for_learning(text)) for title, text in works.items()})


def mean_bits(bits: Mapping[str, float], characters: Mapping[str, int]) -> float:
    """Bits per character over texts of so many characters."""
    return sum(bits[title] * count for title, count in characters.items()) / sum(characters.values())


def rows(ours: Run, reference: Run, short: Sequence[Run]) -> list[Row]:
    """The table: the last of the short runs is the first that reached the reference's score, if any did."""
    last = short[-1]
    reached = last.seconds if last.mean <= reference.mean else float("nan")
    return [
        compared("bits per character on five works not read", ours.mean, reference.mean, most=MOST_BITS),
        *(compared(title, bits, reference.bits[title]) for title, bits in ours.bits.items()),
        compared("seconds", ours.seconds, reference.seconds, digits=1),
        compared("characters read", ours.characters, reference.characters, digits=0),
        compared("updates", ours.updates, reference.updates, digits=0),
        compared("seconds to the reference's score", reached, reference.seconds, most=MOST_TIME, digits=1),
        *(measured(f"bits after {run.seconds:.1f} s", run.mean, reference.mean) for run in short),
    ]


if __name__ == "__main__":
    main()
