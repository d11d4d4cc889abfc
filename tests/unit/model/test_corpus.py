"""Texts to batches."""

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from model.corpus import HELD_OUT_FROM, VISIT, Lanes, Piece, check, for_learning, make_piece
from model.records import LearningRefused, LearningText
from model.tokenizer import EDGE, Tokenizer

from .conftest import story


def piece(length: int, *, share: float = 1.0, style: int = 0, first: int = 0) -> Piece:
    return Piece(torch.arange(first, first + length), torch.empty(0, dtype=torch.long), style, share, "new")


def test_the_writer_reads_one_kind_of_speech_mark_and_no_glosses() -> None:
    assert for_learning('｢가자 .｣\n\n그는 부처(夫妻)를 "보았다" .') == "“가자.”\n그는 부처를 “보았다”."


@given(st.text('가나 \n.,?!"“”‘’｢｣「」(漢字)', max_size=40))
@example('가" ?')
@example('(漢")?')
def test_a_text_in_the_form_for_learning_stays_as_it_is(text: str) -> None:
    assert for_learning(for_learning(text)) == for_learning(text)


@pytest.mark.parametrize(
    ("texts", "code"), [(["짧다."], "too-short"), (["가" * 5000], "monotonous"), ([], "too-short")]
)
def test_nothing_to_learn_is_refused(texts: list[str], code: str) -> None:
    with pytest.raises(LearningRefused) as refusal:
        check(texts)
    assert refusal.value.code == code
    assert str(refusal.value) == refusal.value.message % refusal.value.params


def test_what_is_held_out_depends_on_the_text_alone() -> None:
    text = story(400, seed=1)
    tokenizer = Tokenizer()
    tokenizer.grow([text])
    new = make_piece(LearningText(text, "가", 3.0), text, tokenizer, 1)
    again = make_piece(LearningText(text, "나", 1.0, "rehearsal"), text, tokenizer, 2)
    assert torch.equal(new.held_out, again.held_out)
    assert len(text) > HELD_OUT_FROM
    assert torch.cat([new.learned, new.held_out]).tolist() == [EDGE, *tokenizer.encode(text), EDGE]
    assert 0.05 * len(text) < len(new.held_out) < 0.07 * len(text)


def test_short_texts_are_learned_whole() -> None:
    text = story(6, seed=1)
    tokenizer = Tokenizer()
    tokenizer.grow([text])
    assert len(make_piece(LearningText(text, "가"), text, tokenizer, 1).held_out) == 0


def test_a_lane_reads_on_where_it_was_unless_it_starts_afresh() -> None:
    lanes = Lanes([piece(2000)], lanes=3, window=10, seed=1)
    batch = lanes.next()
    assert batch.fresh.tolist() == [True] * 3
    for _ in range(60):
        following = lanes.next()
        assert torch.equal(following.inputs[:, 1:], following.targets[:, :-1])
        for lane in range(3):
            goes_on = following.inputs[lane, 0] == batch.targets[lane, -1]
            assert bool(goes_on) or bool(following.fresh[lane])
        batch = following


def test_every_stretch_is_read_before_any_comes_twice() -> None:
    lanes = Lanes([piece(10_000)], lanes=1, window=10, seed=1)
    seen: list[int] = []
    while lanes.read[0] <= 9_900:  # what a lane will read is counted when it begins
        seen += lanes.next().inputs[0].tolist()
    assert len(seen) == len(set(seen))
    assert len(seen) > 10_000 - VISIT - 100


def test_shares_decide_how_much_of_each_text_is_read() -> None:
    lanes = Lanes([piece(300, share=3.0), piece(5000, share=1.0, style=1)], lanes=4, window=10, seed=1)
    for _ in range(3_000):
        lanes.next()
    assert lanes.read[0] / sum(lanes.read) == pytest.approx(0.75, abs=0.03)


def test_a_text_shorter_than_a_window_is_repeated() -> None:
    batch = Lanes([piece(5)], lanes=2, window=12, seed=1).next()
    assert batch.inputs.shape == (2, 12)
    assert set(batch.inputs.flatten().tolist()) == set(range(5))


def test_the_same_seed_reads_in_the_same_order() -> None:
    first, second = (Lanes([piece(900), piece(700, first=900)], lanes=2, window=8, seed=5) for _ in range(2))
    assert all(torch.equal(first.next().inputs, second.next().inputs) for _ in range(50))
