"""How fast drafts are written: our step against the predecessor's loop with the very same weights, then our own writer.

    .venv/bin/python -m benchmarks.writing [--reference-seconds 300] [--writer FOLDER]

Both sides continue eight prompts from works they have not read, 400 characters each, always with the likeliest
character, prompts included in the time: the reference one draft after another with torch's own number of threads, ours
the eight side by side from the imported files. They take turns, one draft there, eight here, so that both meet the same
load; the figures are medians of eight turns. `--writer` is the writer measured besides, the base writer without it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch.nn.functional import cross_entropy

from benchmarks.forgetting import reference_base
from benchmarks.novels import held_out
from benchmarks.reference import ReferenceWriter
from benchmarks.table import Row, compared, load_now, measured, show
from benchmarks.timing import timed
from model.char_writer import CharWriter
from model.config import Precision, SampleConfig
from model.corpus import for_learning
from model.network import CharGRU
from model.predecessor_writer import PredecessorWriter
from model.stepping import Stepper, one_thread
from model.writer import WriteRequest, base_writer, load_writer

DRAFTS = 8
CHARACTERS = 400
PROMPT = 24  # characters
STRETCH = 2_000  # characters of each held-out work whose bits are compared
FP32_TIMES, FASTEST_TIMES = 6.0, 12.0  # the reference loop's characters per second
MOST_BITS = 1.01  # of those in fp32
WIDTHS: dict[Precision, int] = {"fp32": 4, "int8": 1}  # bytes of a weight


@dataclass(frozen=True)
class Turn:
    """Characters per second in one turn, and what was written."""

    reference: float
    reference_on_one_thread: float
    ours: dict[Precision, float]
    reference_text: str
    texts: dict[Precision, list[str]]


@dataclass(frozen=True)
class Reading:
    """What steps guess on a part of each held-out work: bits per character, and at how many of the places
    another character is the likeliest than by nn.GRU in fp32."""

    bits: float
    differing: int
    places: int


def main() -> None:
    """Measure and print a table; exits with 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--reference-seconds", type=float, default=300.0, help="what its weights have learned for"
    )
    parser.add_argument("--writer", type=Path, help="a checkpoint, measured in place of the base writer")
    arguments = parser.parse_args()
    reference = reference_base(arguments.reference_seconds)
    writer = load_writer(arguments.writer, "cpu") if arguments.writer else base_writer("cpu")
    print(
        f"{DRAFTS} drafts of {CHARACTERS} characters, {torch.get_num_threads()} threads; {load_now()}",
        flush=True,
    )
    imported = reference.imported()
    assert isinstance(imported, PredecessorWriter)
    assert isinstance(writer, CharWriter)
    rows = [*against_reference(reference, imported), *on_its_own(writer)]
    print(f"{load_now()} afterwards")
    raise SystemExit(not show(rows))


def against_reference(reference: ReferenceWriter, imported: PredecessorWriter) -> list[Row]:
    """The rows of both sides with the same weights."""
    prompts = beginnings()
    turns = [take_turn(reference, imported, prompts, number) for number in range(DRAFTS)]
    theirs = median(turn.reference for turn in turns)
    alone = median(turn.reference_on_one_thread for turn in turns)
    fp32, int8 = (median(turn.ours[precision] for turn in turns) for precision in WIDTHS)
    same = sum(turn.texts["fp32"][number] == turn.reference_text for number, turn in enumerate(turns))
    again = sum(turn.texts == turns[0].texts for turn in turns)
    read = {precision: reading(imported, precision) for precision in WIDTHS}
    network = imported._network
    return [
        compared("reference's weights, fp32: characters/s", fp32, theirs, least=FP32_TIMES, digits=0),
        compared("… beside the reference on one thread", fp32, alone, digits=0),
        measured("… drafts that are the reference's, character by character", same, least=DRAFTS, digits=0),
        compared("… in int8: characters/s", int8, theirs, least=FASTEST_TIMES, digits=0),
        *beside_fp32(read),
        measured("… turns in which both wrote the same again", again, least=DRAFTS, digits=0),
        beside_memory("… fp32", fp32, network, "fp32"),
        beside_memory("… int8", int8, network, "int8"),
    ]


def beginnings() -> list[str]:
    """Eight prompts from the held-out works."""
    texts = [for_learning(text) for text in held_out().values()]
    places = [(texts[number % len(texts)], 500 * (1 + number)) for number in range(DRAFTS)]
    return [text[at : at + PROMPT] for text, at in places]


def take_turn(
    reference: ReferenceWriter, ours: PredecessorWriter, prompts: Sequence[str], number: int
) -> Turn:
    """One draft of the reference, twice, and all of ours, in each precision."""
    text, seconds = timed(lambda: reference.write(prompts[number], CHARACTERS))
    with one_thread():
        _, alone = timed(lambda: reference.write(prompts[number], CHARACTERS))
    texts: dict[Precision, list[str]] = {}
    rates: dict[Precision, float] = {}
    for precision in WIDTHS:
        write = partial(ours.go_on, prompts, CHARACTERS, precision)
        (texts[precision], *_), taken = timed(write)
        rates[precision] = DRAFTS * CHARACTERS / taken
    return Turn(CHARACTERS / seconds, CHARACTERS / alone, rates, text, texts)


def on_its_own(writer: CharWriter) -> list[Row]:
    """The rows of a writer of ours: its steps alone, and drafts as the site has them written, with every rule."""
    network = writer._network
    config = network.config
    name = f"{config.layers} × {config.hidden}"
    whole = {precision: [drafts_per_second(writer, precision) for _ in range(5)] for precision in WIDTHS}
    read = {precision: reading(writer, precision) for precision in WIDTHS}
    rows = []
    for precision in WIDTHS:
        rows.append(
            beside_memory(
                f"writer of {name}, {precision}", steps_per_second(network, precision), network, precision
            )
        )
        rows.append(
            measured("… whole drafts, rules and all: characters/s", median(whole[precision]), digits=0)
        )
    return [*rows, *beside_fp32(read)]


def beside_fp32(read: Mapping[Precision, Reading]) -> list[Row]:
    """What rounding costs on held-out text."""
    int8, fp32 = read["int8"], read["fp32"]
    name = f"… of {fp32.places:,} places, those where another character is likeliest"
    return [
        compared(
            "… in int8: bits per character, beside fp32", int8.bits, fp32.bits, most=MOST_BITS, digits=4
        ),
        measured(f"{name} than by nn.GRU: int8, beside fp32", int8.differing, fp32.differing, digits=0),
    ]


def drafts_per_second(writer: CharWriter, precision: Precision) -> float:
    """Characters per second of eight drafts, as they are published."""
    sample = SampleConfig(precision=precision)
    request = WriteRequest(prompt=beginnings()[0], characters=CHARACTERS, drafts=DRAFTS, sample=sample)
    drafts, seconds = timed(lambda: writer.write(request))
    return sum(len(draft.text) for draft in drafts) / seconds


@one_thread()
@torch.inference_mode()
def steps_per_second(network: CharGRU, precision: Precision) -> float:
    """Characters per second of eight drafts with nothing to do but steps."""
    step = Stepper(network, torch.eye(1, len(network.styles)), precision)
    state = network.blank_state(DRAFTS)
    ids = torch.arange(DRAFTS)
    step(ids, state)
    return DRAFTS / median(timed(lambda: step(ids, state))[1] for _ in range(400))


def beside_memory(name: str, rate: float, network: CharGRU, precision: Precision) -> Row:
    """A rate beside the one at which the weights of a step can be read, from wherever that many lie."""
    weights = step_weights(network) * WIDTHS[precision]
    limit = DRAFTS * read_speed(weights) / weights
    megabytes = f"{weights / 1e6:.1f} MB a step"
    return compared(f"{name}: characters/s beside what reading {megabytes} allows", rate, limit, digits=0)


def step_weights(network: CharGRU) -> int:
    """How many weights one step multiplies with. The first layer's product with characters is looked up."""
    layers = network.gru.all_weights
    inner = sum(into.numel() + onward.numel() for into, onward, *_ in layers) - layers[0][0].numel()
    narrow = network.narrow.weight.numel() if network.config.tied else 0
    return inner + narrow + network.output_table().numel()


@one_thread()
def read_speed(size: int) -> float:
    """Bytes per second at which a block of this size is read again and again, by one thread."""
    block = torch.ones(size // 4)
    return size / min(timed(block.sum)[1] for _ in range(100))


@one_thread()
@torch.inference_mode()
def reading(writer: CharWriter, precision: Precision) -> Reading:
    """The held-out works read by the very steps that write."""
    network, ids = writer._network, [writer._tokenizer.encode(text) for text in held_out_parts()]
    block, styles = torch.tensor(ids), torch.eye(1, len(network.styles))
    state = network.blank_state(len(block))
    scores, _ = Stepper(network, styles, precision).read(block[:, :-1], state)
    expected, _ = network(block[:, :-1], styles.expand(len(block), -1), state)
    nats = cross_entropy(scores.flatten(0, 1), block[:, 1:].flatten()).item()
    differing = int((scores.argmax(-1) != expected.argmax(-1)).sum())
    return Reading(nats / math.log(2), differing, block[:, 1:].numel())


def held_out_parts() -> list[str]:
    """As many characters of each held-out work, from its beginning."""
    return [for_learning(text)[:STRETCH] for text in held_out().values()]


if __name__ == "__main__":
    main()
