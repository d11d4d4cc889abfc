"""What a text shares with what was read."""

from hypothesis import given
from hypothesis import strategies as st

from model.originality import WINDOW, WindowIndex, window_hash, window_hashes

from .conftest import story


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_hashes_of_one_window_and_of_all_agree(text: str) -> None:
    seen = "".join(text.split())
    windows = [seen[at : at + WINDOW] for at in range(len(seen) - WINDOW + 1)]
    assert window_hashes(text).tolist() == [window_hash(window) for window in windows]


def test_finds_a_borrowed_sentence_even_with_other_spaces() -> None:
    index = WindowIndex()
    index.add([story(60, seed=1), "할머니는 저녁마다 창가에 앉아 바다의 이름을 하나씩 불렀다."])
    overlap = index.overlap(
        "처음 보는 말이 앞에 섰다. 저녁마다 창가에앉아\n바다의이름을 하나씩 지웠지만 끝내 못 잊었다더군요."
    )
    assert overlap.longest == len("저녁마다창가에앉아바다의이름을하나씩")
    (start, end) = overlap.spans[0]
    assert (
        "처음보는말이앞에섰다.저녁마다창가에앉아바다의이름을하나씩"[start:end]
        == "저녁마다창가에앉아바다의이름을하나씩"
    )
    assert 0.2 < overlap.share < 0.8


def test_an_original_text_and_an_empty_index_share_nothing() -> None:
    index = WindowIndex()
    assert index.overlap(story(5, seed=1)).longest == 0
    assert not index.knows("가나다라마바사아")
    index.add(["", "짧다"])
    assert index.overlap("").share == 0.0


def test_a_copy_is_shared_wholly() -> None:
    text = story(20, seed=1)
    index = WindowIndex()
    index.add([text])
    assert index.overlap(text).share == 1.0
    assert index.overlap(text).longest == len("".join(text.split()))
