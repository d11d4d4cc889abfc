"""Novels cut in passages."""

from benchmarks.passages import FOLLOWING, LONG, cut


def test_passages_are_whole_sentences_in_their_order_and_do_not_overlap() -> None:
    text = " ".join(f"{number}번째 사람이 길을 나섰다." for number in range(200))
    found = cut(text)
    assert len(found) > 3
    assert text.startswith(" ".join(f"{passage.text} {passage.following}" for passage in found))
    for passage in found:
        assert LONG <= len(passage.text) < LONG + 60
        assert FOLLOWING <= len(passage.following) < FOLLOWING + 60
        assert passage.text.endswith(".")


def test_what_is_too_short_for_a_passage_and_its_continuation_is_dropped() -> None:
    assert cut("길을 나섰다. " * 40) == []
