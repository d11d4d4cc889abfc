"""The checker of particles, which knows nothing of the writer's own rules."""

import pytest

from benchmarks.agreement import Use, nouns, uses


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("우산", "우산은 우산는", [Use("은", True), Use("는", False)]),
        ("나무", "나무를, 나무을.", [Use("를", True), Use("을", False)]),
        ("길", "길로 길으로", [Use("로", True), Use("으로", False)]),
        ("우산", "우산으로 우산로", [Use("으로", True), Use("로", False)]),
        ("PC방", "PC방이 “PC방이라고”", [Use("이", True), Use("이라고", True)]),
        ("2046", "2046을 2046는", [Use("을", True), Use("는", False)]),
        ("우산", "우산에서 우산 우산살이", [Use("에서", None), Use("", None), Use("", None)]),
        ("비", "준비는 비는", [Use("는", True)]),
    ],
)
def test_particles_are_judged_where_the_word_begins_one(word: str, text: str, expected: list[Use]) -> None:
    assert uses(word, text) == expected


def test_nouns_are_words_that_take_several_particles_in_the_right_form() -> None:
    text = "나무는 나무가 나무도 나무. 하늘은 하늘이 하늘. 먹는 먹을 먹도. 그것이 그것은 그것도 그것이다. 그것이는 그것이가 그것이도"
    assert nouns([text]) == ["그것", "나무"]
