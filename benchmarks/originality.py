"""How much of what was read stands in drafts again: with the guard, without it, and in the predecessor's drafts.

    .venv/bin/python -m benchmarks.originality [--seconds 900] [--drafts 200] [--base FOLDER] [--quick]

The reference learns one novel until it copies a hundred characters in a row (for --seconds at most), our base writer
as long, and both go on from pieces of the novel. Ours is given nothing to stop early by, and keywords out of the
novel in every other request. Every draft is written with the guard and without, in turns. What is shared with any
work of the corpus is measured by the index and by brute force: spaces counted, and not. Then an index of a million
characters is made, and drafts patched together from its texts are checked.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.learning import THREADS
from benchmarks.novels import novels
from benchmarks.reference import ReferenceWriter, vocabulary_of
from benchmarks.table import Row, compared, load_now, measured, show
from benchmarks.timing import timed
from model.char_writer import CharWriter
from model.checkpoint import Checkpoint, load_checkpoint
from model.config import SampleConfig
from model.corpus import HELD_OUT_FROM, for_learning
from model.originality import WindowIndex
from model.text import visible
from model.writer import BASE, LearningText, TrainConfig, Writer, WriteRequest, Written, load_writer

NOVEL = "김동인_박첨지의_죽음"  # the shortest, so that the reference knows it by heart soonest
CHARACTERS = 400
DRAFTS_A_REQUEST = 8
REFERENCE_DRAFTS = 10
PROMPT = 60  # characters of the novel that a draft goes on from
OVERLAP = 300  # characters that two pieces of the novel have in common
SLICE = 60.0  # seconds after which the reference is asked again whether it copies
COPIES_AT_LEAST = 100  # characters in a row that the reference must have learned by heart
LIMIT = SampleConfig().copy_limit
MOST_SLOWER = 1.10
INDEXED = 1_000_000
MOST_BUILDING = 5.0  # seconds
MOST_CHECKING = 20.0  # milliseconds
NO_LIMIT = 10**6


@dataclass
class Drafts:
    """What one side wrote, and the seconds it took."""

    written: list[Written] = field(default_factory=list)
    seconds: float = 0.0

    def write(self, writer: Writer, request: WriteRequest) -> None:
        """Adds the drafts of one request."""
        drafts, seconds = timed(lambda: writer.write(request))
        self.written += drafts
        self.seconds += seconds

    @property
    def texts(self) -> list[str]:
        return [draft.text for draft in self.written]

    @property
    def milliseconds_a_character(self) -> float:
        return 1_000 * self.seconds / sum(map(len, self.texts))


def main() -> None:
    """Run both sides, print a table; exits with 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=900.0, help="most time to learn, for each side")
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--base", type=Path, default=BASE, help="what our writer begins with")
    parser.add_argument(
        "--quick", action="store_true", help="30 seconds and 16 drafts, to see that all works"
    )
    arguments = parser.parse_args()
    seconds, drafts = (30.0, 16) if arguments.quick else (arguments.seconds, arguments.drafts)
    requests = make_requests(for_learning(novels()[NOVEL]), -(-drafts // DRAFTS_A_REQUEST))
    rows = [*copying_rows(seconds, requests, arguments.base), *index_rows()]
    raise SystemExit(not show(rows))


def make_requests(text: str, count: int) -> list[WriteRequest]:
    """Requests that lead along the novel: they stop in the middle of it, every other one with its own words."""
    words = sorted({word for word in text.split() if re.fullmatch("[가-힣]{2,5}", word)})
    places = [PROMPT + (len(text) - PROMPT) * number // count for number in range(count)]
    return [
        WriteRequest(
            prompt=text[place - PROMPT : place],
            characters=CHARACTERS,
            drafts=DRAFTS_A_REQUEST,
            keywords=random.Random(number).sample(words, 3) if number % 2 else (),
            seed=number,
        )
        for number, place in enumerate(places)
    ]


def copying_rows(seconds: float, requests: Sequence[WriteRequest], base: Path) -> list[Row]:
    """What both sides copy after the same time on the novel, and what the guard costs."""
    copied, spent = reference_drafts(seconds, [request.prompt for request in requests[:REFERENCE_DRAFTS]])
    guarded, free = our_drafts(spent, requests, base)
    read = [for_learning(text) for text in novels().values()]
    bare = [visible(text) for text in read]
    spaces_counted = longest_shared(guarded.texts, read)
    by_force = [longest_shared([visible(text)], bare) for text in guarded.texts]
    by_index = [int(draft.measurements["longest_shared_run"]) for draft in guarded.written]
    missed = sum(
        force != index for force, index in zip(by_force, by_index, strict=True) if max(force, index) >= 8
    )
    reference = longest_shared(copied, read)
    count = len(guarded.texts)
    return [
        measured("reference's longest run", reference, least=COPIES_AT_LEAST, digits=0),
        measured("our longest run without the guard", longest_shared(free.texts, read), reference, digits=0),
        measured(f"longest run, spaces counted, {count} drafts", spaces_counted, reference, most=LIMIT, digits=0),
        measured("longest run, visible characters", max(by_force), most=LIMIT, digits=0),
        measured("drafts where index and brute force differ", missed, most=0, digits=0),
        compared(
            "ms a character, with the guard and without",
            guarded.milliseconds_a_character,
            free.milliseconds_a_character,
            most=MOST_SLOWER,
        ),
    ]  # fmt: skip


def reference_drafts(most_seconds: float, prompts: Sequence[str]) -> tuple[list[str], float]:
    """The predecessor's greedy drafts once it copies, and the seconds that it has learned by then."""
    text = novels()[NOVEL]
    reference, spent, copied = ReferenceWriter(vocabulary_of([text])), 0.0, 0
    print(f"the reference learns {NOVEL}; {load_now()}", flush=True)
    while copied < COPIES_AT_LEAST and spent < most_seconds:
        end = reference.learn([text], seconds=min(SLICE, most_seconds - spent), threads=THREADS)
        spent += end.seconds
        copied = longest_shared([reference.write(prompts[0], CHARACTERS)], [for_learning(text)])
        print(f"{spent:.0f} s, loss {end.loss:.2f} nats: copies {copied} characters", flush=True)
    return [reference.write(prompt, CHARACTERS) for prompt in prompts], spent


def our_drafts(seconds: float, requests: Sequence[WriteRequest], base: Path) -> tuple[Drafts, Drafts]:
    """Our drafts with the guard and without, after as long on the same novel."""
    print(f"our writer learns it for {seconds:.0f} s; {load_now()}", flush=True)
    writer = load_writer(base, "cpu")
    texts = [LearningText(piece, NOVEL) for piece in pieces(for_learning(novels()[NOVEL]))]
    report = writer.learn(texts, config=TrainConfig(seconds=seconds, threads=THREADS, passes=NO_LIMIT))
    print(f"{report.steps} updates, loss {report.curve[-1].training_loss:.3f} bits; it writes", flush=True)
    careless = without_guard(writer)
    guarded, free = Drafts(), Drafts()
    for number, request in enumerate(requests):
        turns = [(guarded, writer), (free, careless)]
        for drafts, one in turns if number % 2 else reversed(turns):
            drafts.write(one, request)
    return guarded, free


def pieces(text: str) -> list[str]:
    """The novel in pieces that overlap, too short for a part to be held out: nothing keeps the writer from learning
    them by heart."""
    length = HELD_OUT_FROM - 1
    return [text[at : at + length] for at in range(0, len(text) - OVERLAP, length - OVERLAP)]


def without_guard(writer: Writer) -> Writer:
    """The same writer, which does not know what it has read."""
    with tempfile.TemporaryDirectory(prefix="ieum-originality-") as name:
        writer.save(Path(name) / "writer", parent=None, texts=[])
        kept = load_checkpoint(Path(name) / "writer")
    nothing = {"windows.safetensors": WindowIndex().to_tensors()}
    return CharWriter.restore(Checkpoint(kept.manifest, {**kept.tensors, **nothing}), device="cpu")


def longest_shared(texts: Sequence[str], read: Sequence[str]) -> int:
    """By brute force: the longest piece of these texts that stands in one of those, in characters."""
    whole, longest = "\0".join(read), 0
    for text in texts:
        for at in range(len(text)):
            while at + longest < len(text) and text[at : at + longest + 1] in whole:
                longest += 1
    return longest


def index_rows() -> list[Row]:
    """How long it takes to make an index of a million characters and to check a draft, beside brute force."""
    texts = million()
    print(f"an index of {sum(map(len, texts)):,} characters is made; {load_now()}", flush=True)
    index, building = timed(lambda: WindowIndex().including(enumerate_names(texts)))
    size = sum(tensor.numel() * tensor.element_size() for tensor in index.to_tensors().values())
    drafts = [patchwork(texts, seed) for seed in range(20)]
    checking = [min(timed(lambda draft=draft: index.overlap(draft))[1] for _ in range(3)) for draft in drafts]
    by_force = 1_000 * timed(lambda: longest_shared(drafts[:1], texts))[1]
    return [
        measured("s to index a million characters", building, most=MOST_BUILDING),
        measured("its size in a checkpoint, MB", size / 1e6),
        measured(
            "ms to check 400 characters, best of three", 1_000 * max(checking), by_force, most=MOST_CHECKING
        ),
    ]


def million() -> list[str]:
    """The corpus, and of its beginning read backwards as much as a million characters still lack."""
    texts = [for_learning(text) for text in novels().values()]
    lacking = INDEXED - sum(map(len, texts))
    return [*texts, "".join(texts)[: max(0, lacking)][::-1]]


def enumerate_names(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(number), text) for number, text in enumerate(texts)]


def patchwork(texts: Sequence[str], seed: int) -> str:
    """Ten pieces of forty characters out of these texts: a draft that shares as much as can be."""
    chance = random.Random(seed)
    places = [(text, chance.randrange(len(text) - 40)) for text in chance.choices(texts[:-1], k=10)]
    return "".join(text[at : at + 40] for text, at in places)


if __name__ == "__main__":
    main()
