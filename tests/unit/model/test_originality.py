"""What a text shares with what was read, and what keeps a draft from copying; against brute force."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from model.config import SampleConfig
from model.corpus import for_learning
from model.originality import (
    BYTES,
    MOST_PLACES,
    WINDOW,
    CopyGuard,
    Overlap,
    Span,
    WindowIndex,
    window_hash,
    window_hashes,
)
from model.records import LearningText, WriteRequest
from model.seal import CheckpointDamaged
from model.text import visible
from model.writer import Writer

from .conftest import story

Texts = list[tuple[str, str]]

LETTERS = "가나"
SCRAPS = st.lists(st.text(LETTERS, min_size=1, max_size=14), max_size=8).map(" ".join)
SOURCES = st.lists(st.tuples(st.sampled_from(["ㄱ", "ㄴ"]), SCRAPS), max_size=4)


def index_of(*texts: str) -> WindowIndex:
    return WindowIndex().including((f"글 {number}", text) for number, text in enumerate(texts))


def longest_ends(text: str, read: Sequence[str]) -> list[int]:
    """For each beginning in `text`, the end of the longest piece that stands in one of these; else the beginning."""
    ends = []
    for start in range(len(text)):
        fits = (end for end in range(len(text), start, -1) if any(text[start:end] in one for one in read))
        ends.append(next(fits, start))
    return ends


def overlap_by_force(texts: Texts, text: str) -> Overlap:
    seen = visible(text)
    offsets = [at for at, char in enumerate(text) if not char.isspace()]
    spans = []
    for name in dict.fromkeys(name for name, _ in texts):
        ends = longest_ends(seen, [visible(one) for own, one in texts if own == name])
        for start, end in enumerate(ends):
            if end - start >= WINDOW and (start == 0 or ends[start - 1] < end):
                spans.append(Span(offsets[start], offsets[end - 1] + 1, name))
    windows = [seen[at : at + WINDOW] for at in range(len(seen) - WINDOW + 1)]
    found = sum(any(window in visible(one) for _, one in texts) for window in windows)
    longest = max((len(visible(text[span.start : span.end])) for span in spans), default=0)
    return Overlap(longest, found / len(windows) if windows else 0.0, tuple(spans))


def in_order(overlap: Overlap) -> list[Span]:
    return sorted(overlap.spans, key=lambda span: (span.end, span.start, span.source))


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_hashes_of_one_window_and_of_all_agree(text: str) -> None:
    seen = list(map(ord, visible(text)))
    windows = [seen[at : at + WINDOW] for at in range(len(seen) - WINDOW + 1)]
    assert window_hashes(text).tolist() == [window_hash(window) for window in windows]
    assert all(0 <= window_hash(window) < 256**BYTES for window in windows)


@given(SOURCES, SCRAPS)
@example([("ㄱ", "가나가나가나가나"), ("ㄱ", "나가나가나가나나")], "가나가나가나가나나")
def test_every_span_shared_with_a_source_is_found_and_no_other(texts: Texts, text: str) -> None:
    found, expected = WindowIndex().including(texts).overlap(text), overlap_by_force(texts, text)
    assert (found.longest, found.share) == (expected.longest, expected.share)
    assert in_order(found) == in_order(expected)
    assert [span.end for span in found.spans] == sorted(span.end for span in found.spans)


def test_finds_a_borrowed_sentence_even_with_other_spaces_and_tells_whose_it_is() -> None:
    index = WindowIndex().including(
        [("골목", story(60, seed=1)), ("바다", "할머니는 저녁마다 창가에 앉아 바다의 이름을 하나씩 불렀다.")]
    )
    borrowed = "저녁마다 창가에앉아\n바다의이름을 하나씩"
    text = f"처음 보는 말이 앞에 섰다. {borrowed} 지웠지만 끝내 못 잊었다더군요."
    overlap = index.overlap(text)
    assert overlap.longest == len(visible(borrowed))
    start = text.index(borrowed)
    assert overlap.spans == (Span(start, start + len(borrowed), "바다"),)
    assert 0.2 < overlap.share < 0.8


def test_runs_that_touch_are_two_and_no_run_crosses_from_one_text_into_the_next() -> None:
    first, second = "할머니는저녁마다창가에앉아", "바다의이름을하나씩불렀다"
    apart = index_of(first, second).overlap(first + second)
    assert apart.spans == (
        Span(0, len(first), "글 0"),
        Span(len(first), len(first) + len(second), "글 1"),
    )
    assert apart.longest == len(first)
    assert index_of(first + second).overlap(first + second).longest == len(first) + len(second)


def test_an_original_text_and_an_empty_index_share_nothing() -> None:
    nothing = Overlap(0, 0.0, ())
    assert WindowIndex().overlap(story(5, seed=1)) == nothing
    assert index_of("", "짧다").overlap(story(5, seed=1)) == nothing
    assert index_of(story(5, seed=1)).overlap("") == nothing


def test_a_copy_is_shared_wholly() -> None:
    text = story(20, seed=1)
    assert index_of(text).overlap(text) == Overlap(len(visible(text)), 1.0, (Span(0, len(text), "글 0"),))


def test_a_text_repeated_without_end_is_looked_up_in_its_first_places() -> None:
    index = index_of("가나다라마바사아자차" * (2 * MOST_PLACES))
    assert len(index.places(map(ord, "가나다라마바사아"))) == MOST_PLACES
    assert index.overlap("가나다라마바사아자차" * 9).longest == 90


@given(SOURCES, SOURCES)
def test_what_was_read_before_is_not_kept_twice(first: Texts, second: Texts) -> None:
    index = WindowIndex().including(first).including(second)
    assert (
        index.including(first).including(second).to_tensors()["windows"].equal(index.to_tensors()["windows"])
    )
    once = WindowIndex().including(first + second)
    assert [source.name for source in once.sources] == [source.name for source in index.sources]


def test_the_same_text_of_two_sources_is_found_in_both() -> None:
    text = "할머니는 저녁마다 창가에"
    index = WindowIndex().including([("가", text), ("나", text), ("가", text)])
    assert {span.source for span in index.overlap(text).spans} == {"가", "나"}
    assert len(index.sources) == 2


@given(SOURCES, SCRAPS)
def test_an_index_comes_back_from_its_tensors(texts: Texts, text: str) -> None:
    index = WindowIndex().including(texts)
    tensors = index.to_tensors()
    assert tensors["windows"].shape == (sum(max(0, len(visible(one)) - 7) for _, one in {*texts}), BYTES)
    assert WindowIndex.from_tensors(tensors).overlap(text) == index.overlap(text)


def test_an_index_of_another_form_is_refused() -> None:
    with pytest.raises(CheckpointDamaged, match="another form"):
        WindowIndex.from_tensors({"windows": torch.tensor([1, 2, 3])})


def shared_ends(text: str, read: Sequence[str], length: int) -> set[int]:
    """Where in a text a piece of this length ends that stands in one of these."""
    places = range(len(text) - length + 1)
    return {at + length for at in places if any(text[at : at + length] in one for one in read)}


@given(SOURCES, SCRAPS, st.integers(9, 20), st.randoms(use_true_random=False), st.data())
def test_whatever_is_chosen_no_draft_copies_more_than_the_limit(
    texts: Texts, prompt: str, limit: int, chance: object, data: st.DataObject
) -> None:
    """Spaces counted or not, and with the run that began in the prompt."""
    read = [one for _, one in texts]
    guard = CopyGuard(WindowIndex().including(texts), limit, prompt)
    text = prompt
    for char in data.draw(st.text(LETTERS + " ", min_size=30, max_size=60)):
        if char == " " and text[-1:] == " ":
            continue
        chosen = char if guard.allows(char) else "다"
        guard.add(chosen)
        text += chosen
    draft = text[len(prompt) :]
    assert not shared_ends(draft, read, limit + 1)
    assert not shared_ends(visible(draft), [visible(one) for one in read], limit + 1)
    letters = {end for end in range(len(prompt) + 1, len(text) + 1) if text[end - 1] != " "}
    assert not shared_ends(text, read, limit + 1) & letters


@given(SOURCES, SCRAPS, st.integers(9, 20), st.text(LETTERS + " ", min_size=1, max_size=30))
def test_a_phrase_is_allowed_when_each_of_its_characters_is(
    texts: Texts, before: str, limit: int, phrase: str
) -> None:
    guard, trial = (CopyGuard(WindowIndex().including(texts), limit, before) for _ in range(2))
    steps = []
    for char in phrase:
        steps.append(trial.allows(char))
        trial.add(char)
    assert guard.allows(phrase) == all(steps)
    assert guard.allows(phrase) == all(steps), "asking changes nothing"


@pytest.mark.parametrize("keywords", [(), ("잃어버렸다", "오래된", "바라보았다")])
@pytest.mark.parametrize("greedy", [True, False])
def test_a_writer_that_knows_stories_by_heart_does_not_copy_them(
    taught: Writer, texts: list[LearningText], keywords: tuple[str, ...], greedy: bool
) -> None:
    read = [for_learning(text.text) for text in texts]
    careful = SampleConfig(temperature=0.3, greedy=greedy, repeat_limit=40)
    request = WriteRequest(
        prompt=read[0][:300],
        characters=200,
        drafts=4,
        keywords=keywords,
        sample=careful,
        styles={"골목": 1.0},
    )
    careless = replace(request, sample=replace(careful, copy_limit=1_000))
    assert any(shared_ends(draft.text, read, 30) for draft in taught.write(careless)), "it would copy"
    for draft in taught.write(request):
        assert not shared_ends(draft.text, read, careful.copy_limit + 1)
        assert draft.measurements["longest_shared_run"] <= careful.copy_limit


def test_a_run_is_broken_off_where_a_word_begins_and_a_sentence_can_still_end() -> None:
    told = "옛날 어느 마을에 늙은 어부가 살았다.” 하고 말했다"
    index = index_of(told)
    stopped = next(at for at in range(len(told)) if not CopyGuard(index, 20, told[:at]).allows(told[at]))
    assert told[:stopped] == "옛날 어느 마을에 늙은 "
    word = "어느마을의늙은어부가홀로살았다네그려"
    longest = max(at for at in range(len(word)) if CopyGuard(index_of(word), 20).allows(word[:at]))
    assert longest == 16
    assert CopyGuard(index_of(f"“{word[1:longest]}.” "), 20).allows(f"“{word[1:longest]}.” ")
