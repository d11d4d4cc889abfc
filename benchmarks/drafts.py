"""Drafts: no loops, the length asked for, whole sentences, the same again, and whether they answer.

    .venv/bin/python -m benchmarks.drafts [--drafts 200] [--writer FOLDER] [--reference-seconds 300]

Drafts go on from passages of works that neither side has read. A judge that wrote nothing is shown a draft and ten
passages, the true one among them, and takes the one that explains most of it (`judge.Cache`); what really follows the
passages is put to the same judge. All drafts are written again: at once, each alone, and by another process.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.judge import Cache, Judge, preceding
from benchmarks.keywords import judged, percent, texts_of
from benchmarks.novels import learned
from benchmarks.passages import Passage, passages
from benchmarks.table import Row, compared, load_now, measured, show
from benchmarks.written import (
    BOLD,
    DRAFTS,
    LENGTHS,
    arguments_of,
    asked_for,
    both_sides,
    ours,
    references,
    request_for,
)
from model.scores import repeated_share
from model.writer import Writer, Written, load_writer

MOST_REPEATED = 2.0  # per cent of a draft's windows
TOLERANCE = 0.15  # of the length asked for
CHOICES = 10  # passages that the judge chooses from
ROUNDS = 5  # times a text is put to the judge, each with other passages beside the true one
AGAIN = 2  # passages whose drafts are written again alone


def main() -> None:
    """Write, judge, print a table; exits with 1 when a limit was missed."""
    arguments = arguments_of(__doc__ or "")
    writer, reference = both_sides(arguments)
    given = asked_for(arguments.drafts)
    print(f"{len(given) * DRAFTS} drafts; {load_now()}", flush=True)
    written, theirs = ours(writer, given), references(reference, given)
    forgetful = ours(writer, given, sample=replace(BOLD, echo=0.0))
    judge = Judge.of(learned().values())
    rows = [
        *form_rows(written, theirs),
        *answering_rows(judge, given, written, forgetful, theirs),
        *quality_rows(judge, given, written, forgetful, theirs),
        *again_rows(writer, given, written, arguments.writer),
    ]
    print(f"{load_now()} afterwards")
    raise SystemExit(not show(rows))


def form_rows(written: Sequence[Sequence[Written]], theirs: Sequence[str]) -> list[Row]:
    """Loops, lengths, ends and quotation marks."""
    lengths = [LENGTHS[number % len(LENGTHS)] for number, drafts in enumerate(written) for _ in drafts]
    texts = texts_of(written)
    off = [abs(len(text) / length - 1) for text, length in zip(texts, lengths, strict=True)]
    return [
        measured(
            "windows of 8 repeated within a draft, %",
            mean(map(repeated, texts)),
            mean(map(repeated, theirs)),
            most=MOST_REPEATED,
            digits=2,
        ),
        measured("… in the worst draft", max(map(repeated, texts)), max(map(repeated, theirs)), digits=2),
        measured(
            "length within ±15 %, % of drafts",
            percent(share <= TOLERANCE for share in off),
            least=100,
            digits=1,
        ),
        *(
            measured(
                f"{item}, % of drafts",
                percent(map(good, texts)),
                percent(map(good, theirs)),
                least=100,
                digits=1,
            )
            for item, good in (("ends at a sentence", ends_a_sentence), ("quotation marks closed", closed))
        ),
    ]


def repeated(text: str) -> float:
    """Per cent of a text's windows of eight visible characters that stood in it before."""
    return 100 * repeated_share(text)


def ends_a_sentence(text: str) -> bool:
    return text.rstrip("”’)").endswith((".", "!", "?", "…"))


def closed(text: str) -> bool:
    return all(text.count(opening) == text.count(closing) for opening, closing in ("“”", "‘’", "()"))


def answering_rows(
    judge: Judge,
    given: Sequence[Passage],
    written: Sequence[Sequence[Written]],
    forgetful: Sequence[Sequence[Written]],
    theirs: Sequence[str],
) -> list[Row]:
    """How often the judge finds the passage that a text was written for."""
    caches = [Cache(passage.text) for passage in passages()]

    def found(texts: Iterable[tuple[int, str]]) -> float:
        return percent(
            preceding(judge, text, [caches[n] for n in tens(number, len(caches), turn)]) == 0
            for number, text in texts
            for turn in range(ROUNDS)
        )

    drafts = [(number, draft.text) for number, several in enumerate(written) for draft in several]
    plain = [(number, draft.text) for number, several in enumerate(forgetful) for draft in several]
    real = [(number, passage.following) for number, passage in enumerate(given)]
    return [
        measured(
            "true passage found among ten, % (chance 10)", found(drafts), found(enumerate(theirs)), digits=1
        ),
        measured("… without echo", found(plain), digits=1),
        measured("… for what really follows", found(real), digits=1),
    ]


def tens(true: int, passages: int, turn: int) -> list[int]:
    """Numbers of ten passages, the true one first."""
    others = [number for number in range(passages) if number != true]
    return [true, *random.Random(f"{true} {turn}").sample(others, CHOICES - 1)]


def quality_rows(
    judge: Judge,
    given: Sequence[Passage],
    written: Sequence[Sequence[Written]],
    forgetful: Sequence[Sequence[Written]],
    theirs: Sequence[str],
) -> list[Row]:
    """How much drafts surprise the judge, and how rich they are: real text is the aim for both."""
    real = [passage.following for passage in given]
    first, plain = ([drafts[0].text for drafts in several] for several in (written, forgetful))
    return [
        measured("judged bits per character", judged(judge, texts_of(written)), judged(judge, theirs)),
        measured("… without echo", judged(judge, texts_of(forgetful))),
        measured("… what really follows", judged(judge, real)),
        measured("distinct runs of 4, % (one draft a passage)", distinct(first), distinct(theirs), digits=1),
        measured("… without echo", distinct(plain), digits=1),
        measured("… what really follows", distinct(real), digits=1),
    ]


def distinct(texts: Iterable[str]) -> float:
    """Per cent of the runs of four characters that are different ones (Li et al. 2016, arXiv:1510.03055)."""
    runs = [text[at : at + 4] for text in texts for at in range(len(text) - 3)]
    return 100 * len(set(runs)) / len(runs)


def mean(values: Iterable[float]) -> float:
    counted = list(values)
    return sum(counted) / len(counted)


def again_rows(
    writer: Writer, given: Sequence[Passage], written: Sequence[Sequence[Written]], folder: Path
) -> list[Row]:
    """Whether the same comes out again: all at once, each draft alone, and in another process."""
    few = [(request_for(number, given[number]), drafts) for number, drafts in enumerate(written[:AGAIN])]
    alone = [
        writer.write(replace(request, drafts=1, seed=draft.seed))[0].text == draft.text
        for request, drafts in few
        for draft in drafts
    ]
    elsewhere = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from benchmarks.drafts import digest_again; print(digest_again({str(folder)!r}))",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    same = elsewhere.stdout.strip() == digest(written[:AGAIN])
    return [
        compared("drafts written alone, the same again", sum(alone), len(alone), least=1, digits=0),
        measured(
            f"{AGAIN * DRAFTS} drafts the same in another process, %", 100.0 * same, least=100, digits=0
        ),
    ]


def digest_again(folder: str) -> str:
    """The digest of the first drafts, written here and now."""
    return digest(ours(load_writer(Path(folder), "cpu"), passages()[:AGAIN]))


def digest(written: Iterable[Iterable[Written]]) -> str:
    return hashlib.sha256("\0".join(texts_of(written)).encode()).hexdigest()


if __name__ == "__main__":
    main()
