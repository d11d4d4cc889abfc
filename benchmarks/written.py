"""What both sides write for the same passages: ours in batches of eight, the reference one greedy draft a passage."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.base import LEFT_OUT
from benchmarks.forgetting import reference_base
from benchmarks.passages import Passage, passages
from benchmarks.reference import ReferenceWriter
from model.config import SampleConfig
from model.corpus import for_learning
from model.writer import Writer, WriteRequest, Written, load_writer

LENGTHS = (200, 300, 400)  # characters asked for, in turn
DRAFTS = 8  # a passage
BOLD = SampleConfig()


def arguments_of(description: str) -> argparse.Namespace:
    """What every benchmark of drafts may be told."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument(
        "--writer", type=Path, default=LEFT_OUT, help="a checkpoint that has not read the five works"
    )
    parser.add_argument(
        "--reference-seconds", type=float, default=300.0, help="what the reference has learned for"
    )
    return parser.parse_args()


def both_sides(arguments: argparse.Namespace) -> tuple[Writer, ReferenceWriter]:
    """Our writer and the reference, neither of which has read the five works."""
    if not arguments.writer.is_dir():
        raise SystemExit(f"there is no writer in {arguments.writer}: make one with python -m benchmarks.base")
    return load_writer(arguments.writer, "cpu"), reference_base(arguments.reference_seconds)


def asked_for(drafts: int) -> list[Passage]:
    """As many passages as it takes to have so many drafts written."""
    return passages()[: -(-drafts // DRAFTS)]


def request_for(
    number: int, passage: Passage, keywords: Sequence[str] = (), sample: SampleConfig = BOLD
) -> WriteRequest:
    """The request for one passage: its number is the seed, and gives the length."""
    return WriteRequest(
        passage.text, LENGTHS[number % len(LENGTHS)], DRAFTS, tuple(keywords), seed=number, sample=sample
    )


def ours(writer: Writer, given: Sequence[Passage], sample: SampleConfig = BOLD) -> list[list[Written]]:
    """Our drafts for each passage, without keywords."""
    return [writer.write(request_for(number, passage, sample=sample)) for number, passage in enumerate(given)]


def references(
    reference: ReferenceWriter, given: Sequence[Passage], keywords: Sequence[Sequence[str]] | None = None
) -> list[str]:
    """The reference's draft for each passage. It knows of keywords only what stands before the passage."""
    words = keywords or [()] * len(given)
    return [
        reference.write(
            for_learning(f"{', '.join(asked)}\n{passage.text}") + "\n", LENGTHS[number % len(LENGTHS)]
        )
        for number, (passage, asked) in enumerate(zip(given, words, strict=True))
    ]
