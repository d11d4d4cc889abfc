"""Particles fit the last sound."""

import pytest

from model.particles import fitting_particles


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
