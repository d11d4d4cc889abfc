"""The base writer: what it scores on works it has not read, and the command that raises the one we ship.

    .venv/bin/python -m benchmarks.base            five works left out, to be scored on them
    .venv/bin/python -m benchmarks.base --ship     every work of the shared corpus, into model/base

Both follow one recipe, which counts updates and not seconds: on the same processor, with as many threads, the same
weights come out again. The first is kept in benchmarks/out/base, where other benchmarks find it.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.learning import bits_of, lessons
from benchmarks.novels import learned, novels
from benchmarks.table import load_now, measured, show
from model.writer import BASE, ModelConfig, Progress, TrainConfig, Writer, new_writer

MOST_BITS = 4.0
LEFT_OUT = Path(__file__).parent / "out" / "base"
MODEL = ModelConfig(dropout=0.4)
RECIPE = TrainConfig(
    steps=6_500,
    seconds=4 * 3600,
    passes=1_000,
    evaluations=26,
    patience=26,
    threads=2,
    seed=20261121,
)


def main() -> None:
    """Raise a writer; exits with 1 when the limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ship", action="store_true", help="learn every work and replace model/base")
    arguments = parser.parse_args()
    if arguments.ship:
        keep(raise_on(novels()), novels(), BASE)
        return
    writer = raise_on(learned())
    keep(writer, learned(), LEFT_OUT)
    bits, mean = bits_of(writer)
    rows = [measured("bits per character on five works not read", mean, most=MOST_BITS)]
    raise SystemExit(not show([*rows, *(measured(title, value) for title, value in bits.items())]))


def raise_on(texts: Mapping[str, str]) -> Writer:
    """A writer that has learned these works by the recipe."""
    print(f"{len(texts)} works, {RECIPE.steps} updates; {load_now()}", flush=True)
    started, writer = time.monotonic(), new_writer(MODEL, seed=RECIPE.seed, device="cpu")
    report = writer.learn(lessons(texts), config=RECIPE, progress=tell)
    print(f"{time.monotonic() - started:.0f} s, {report.characters_read:,} characters read; {load_now()}")
    return writer


def tell(progress: Progress) -> None:
    """One line for one point of the curve."""
    print(
        f"{progress.step:6d} updates {progress.seconds:6.0f} s"
        f"  learning {progress.training_loss:.3f}  held out {progress.validation_loss:.3f}",
        flush=True,
    )


def keep(writer: Writer, texts: Mapping[str, str], folder: Path) -> None:
    """Saves the writer with its scores, file by file in place of the one that was there."""
    writer.measure(lessons(texts))
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    writer.save(new, parent=None, texts=lessons(texts))
    for path in new.iterdir():
        path.replace(folder / path.name)
    new.rmdir()


if __name__ == "__main__":
    main()
