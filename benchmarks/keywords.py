"""Keywords: whether they stand in the drafts, with the right particle, and what they cost the text around them.

    .venv/bin/python -m benchmarks.keywords [--drafts 200] [--writer FOLDER] [--reference-seconds 300]

Drafts go on from passages of works that neither side has read, with three keywords each out of those works, and again
without, from the same seeds. Keywords are nouns by their use (`agreement.nouns`), drawn at random and seldom from the
passage's own work, so most have nothing to do with it. The judge has read what the writers have, and wrote nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import partial

from benchmarks.agreement import Use, nouns, uses
from benchmarks.judge import Judge
from benchmarks.novels import held_out, learned
from benchmarks.passages import Passage
from benchmarks.table import Row, compared, load_now, measured, show
from benchmarks.timing import timed
from benchmarks.written import DRAFTS, arguments_of, asked_for, both_sides, references, request_for
from model.writer import Writer, Written

KEYWORDS = 3  # a request
LEAST_PRESENT = 95.0  # per cent of drafts that hold all of them
LEAST_RIGHT = 98.0  # per cent of the particles that have one form of two
MOST_BITS = 1.08  # with keywords, beside the same without
SHOWN = 2  # pairs printed


def main() -> None:
    """Write, judge, print pairs and a table; exits with 1 when a limit was missed."""
    arguments = arguments_of(__doc__ or "")
    writer, reference = both_sides(arguments)
    given, words = asked_for(arguments.drafts), nouns(held_out().values())
    asked = [random.Random(number).sample(words, KEYWORDS) for number in range(len(given))]
    print(f"{len(words)} nouns: {', '.join(words)}\n{len(given) * DRAFTS} drafts; {load_now()}", flush=True)
    with_words, without, long, short = both_ways(writer, given, asked)
    for number in range(SHOWN):
        show_pair(asked[number], with_words[number][0], without[number][0])
    judge = Judge.of(learned().values())
    rows = [
        *present(asked, with_words, references(reference, given, asked)),
        compared(
            "judged bits per character, with and without keywords",
            judged(judge, texts_of(with_words)),
            judged(judge, texts_of(without)),
            most=MOST_BITS,
        ),
        measured(
            "… what really follows the passages", judged(judge, [passage.following for passage in given])
        ),
        compared("seconds to write, with and without keywords", long, short, digits=1),
    ]
    print(f"{load_now()} afterwards")
    raise SystemExit(not show(rows))


def both_ways(
    writer: Writer, given: Sequence[Passage], asked: Sequence[Sequence[str]]
) -> tuple[list[list[Written]], list[list[Written]], float, float]:
    """Drafts with keywords and without, written in turns so that both meet the same load; seconds for each."""
    with_words, without, long, short = [], [], 0.0, 0.0
    for number, (passage, words) in enumerate(zip(given, asked, strict=True)):
        drafts, seconds = timed(partial(writer.write, request_for(number, passage, words)))
        with_words.append(drafts)
        long += seconds
        drafts, seconds = timed(partial(writer.write, request_for(number, passage)))
        without.append(drafts)
        short += seconds
    return with_words, without, long, short


def present(
    asked: Sequence[Sequence[str]], written: Sequence[Sequence[Written]], theirs: Sequence[str]
) -> list[Row]:
    """Whether keywords stand in the drafts, and what follows them there."""
    pairs = [(words, draft.text) for words, drafts in zip(asked, written, strict=True) for draft in drafts]
    their_pairs = list(zip(asked, theirs, strict=True))
    found, their_found = found_in(pairs), found_in(their_pairs)
    forms = [use.agrees for use in found if use.agrees is not None]
    their_forms = [use.agrees for use in their_found if use.agrees is not None]
    return [
        measured(
            "drafts with all three keywords, %",
            whole(pairs),
            whole(their_pairs),
            least=LEAST_PRESENT,
            digits=1,
        ),
        measured(
            f"right particle, % of {len(forms)} places ({len(their_forms)})",
            percent(forms),
            percent(their_forms),
            least=LEAST_RIGHT,
            digits=1,
        ),
        measured(
            f"a particle follows, % of {len(found)} places",
            percent(bool(use.particle) for use in found),
            digits=1,
        ),
    ]


def whole(pairs: Sequence[tuple[Sequence[str], str]]) -> float:
    """Per cent of the texts that hold all words asked for."""
    return percent(all(word in text for word in words) for words, text in pairs)


def found_in(pairs: Iterable[tuple[Sequence[str], str]]) -> list[Use]:
    return [use for words, text in pairs for word in words for use in uses(word, text)]


def percent(hits: Iterable[bool]) -> float:
    """Per cent that are true; not a number of nothing."""
    counted = list(hits)
    return 100 * sum(counted) / len(counted) if counted else float("nan")


def texts_of(written: Iterable[Iterable[Written]]) -> list[str]:
    return [draft.text for drafts in written for draft in drafts]


def judged(judge: Judge, texts: Sequence[str]) -> float:
    """Bits per character over all texts."""
    return sum(judge.bits(text) * len(text) for text in texts) / sum(map(len, texts))


def show_pair(words: Sequence[str], with_words: Written, without: Written) -> None:
    """What one seed wrote with keywords and without."""
    print(f"\n[{', '.join(words)}]\n{with_words.text}\n\n[the same seed, without]\n{without.text}\n")


if __name__ == "__main__":
    main()
