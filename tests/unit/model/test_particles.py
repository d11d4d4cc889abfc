"""Particles fit the last sound."""

from pathlib import Path

import pytest

from model.particles import fitting_particles, misfits


@pytest.mark.parametrize(
    ("word", "fitting"),
    [
        ("우산", {"은", "이", "을", "과", "으로"}),
        ("고양이", {"는", "가", "를", "와", "로"}),
        ("연필", {"은", "이", "을", "과", "로"}),
        ("1", {"은", "이", "을", "과", "로"}),
        ("2", {"는", "가", "를", "와", "로"}),
        ("PC방", {"은", "이", "을", "과", "으로"}),
        ("email", {"은", "이", "을", "과", "로"}),
        ("!", {"는", "가", "를", "와", "로"}),
    ],
)
def test_particles_fit(word: str, fitting: set[str]) -> None:
    forms = {"은", "는", "이", "가", "을", "를", "과", "와", "로", "으로"}
    assert forms & set(fitting_particles(word)) == fitting
    assert "에서" in fitting_particles(word)


def test_people_are_called_in_speech_only() -> None:
    assert "아" in fitting_particles("영숙", spoken=True)
    assert "야" in fitting_particles("철수", spoken=True)
    assert not {"아", "야"} & set(fitting_particles("영숙") + fitting_particles("철수"))


@pytest.mark.parametrize(
    ("before", "char", "wrong"),
    [
        ("우산", "를", True), ("나무", "를", False), ("우산", "와", True), ("나무", "와", False), (" ", "와", False),
        ("길으", "로", True), ("나무으", "로", True), ("우산으", "로", False), ("나무", "로", False), ("마", "을", False),
        ("먹", "는", False), ("아", "이", False), ("작", "가", False), ("", "를", False),
    ],
)  # fmt: skip
def test_only_what_is_certainly_wrong_misfits(before: str, char: str, wrong: bool) -> None:
    assert misfits(before, char) == wrong


def test_particles_hardly_ever_misfit_in_novels(corpus: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (corpus / "novels").glob("*.txt"))
    found = [text[at - 4 : at + 1] for at in range(2, len(text)) if misfits(text[at - 2 : at], text[at])]
    assert [word for word in found if "글와" not in word] == []
