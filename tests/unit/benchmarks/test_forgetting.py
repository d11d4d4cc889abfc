"""The benchmark of forgetting: what is shown and what is measured, what is rehearsed, and what its table says."""

from collections.abc import Sequence

import pytest
import torch

from benchmarks.forgetting import (
    SEQUENCE,
    Bits,
    Borrowed,
    follow_ours,
    learned_part,
    measured_parts,
    rows,
    site_lessons,
)
from benchmarks.novels import FOLDER, held_out
from benchmarks.reference import Recipe, streams
from model.char_writer import CharWriter
from model.config import ModelConfig
from model.writer import new_writer

A, B, C = SEQUENCE
needs_corpus = pytest.mark.skipif(not FOLDER.exists(), reason="the shared corpus is not here")


def curve(a: Sequence[float], c: Sequence[float], unread: Sequence[float]) -> list[Bits]:
    """What was known after the base, A, B and C."""
    return [
        {A: first, B: 4.0, C: last, "unread": other} for first, last, other in zip(a, c, unread, strict=True)
    ]


@needs_corpus
def test_what_is_measured_is_never_shown() -> None:
    assert all(learned_part(title) + measured_parts()[title] == held_out()[title] for title in SEQUENCE)
    assert set(measured_parts()) == set(held_out())
    others = set(held_out()) - set(SEQUENCE)
    assert all(measured_parts()[title] == held_out()[title] for title in others)


@needs_corpus
def test_the_novels_before_are_rehearsed_as_on_the_site() -> None:
    first, *_, third = map(site_lessons, range(3))
    assert [(text.role, text.share) for text in first] == [("new", 1.0)]
    assert {text.text: text.role for text in third} == {
        learned_part(A): "rehearsal",
        learned_part(B): "rehearsal",
        learned_part(C): "new",
    }
    assert len({text.style for text in third}) == 3
    assert sum(text.share for text in third) == pytest.approx(1.0)


@needs_corpus
@pytest.mark.training
def test_every_step_teaches_and_all_works_are_measured_after_it() -> None:
    steps = follow_ours(new_writer(ModelConfig.tiny(), device="cpu"), seconds=0.5, seed=0)
    assert [set(step) for step in steps] == [set(held_out())] * 4
    assert steps[1][A] < steps[0][A]


@pytest.mark.training
def test_the_recipe_teaches_our_network_in_its_place() -> None:
    writer = CharWriter.new(ModelConfig.tiny(), seed=1, device="cpu")
    ids = torch.arange(2).repeat(4_000)
    recipe, network = Recipe(Borrowed(writer._network)), writer._network
    before = network.narrow.weight.clone()
    first, last = (recipe.learn([streams(ids)], steps=steps).loss for steps in (1, 40))
    assert last < first / 2
    assert not torch.equal(network.narrow.weight, before)


def test_the_table_tells_how_much_was_forgotten_and_gained() -> None:
    ours = curve(a=(4.2, 4.0, 4.05, 4.1), c=(4.4, 4.4, 4.3, 4.0), unread=(4.0, 4.0, 4.0, 4.2))
    reference = curve(a=(5.2, 5.0, 5.5, 6.0), c=(5.4, 5.6, 5.6, 4.9), unread=(5.0, 5.0, 5.5, 6.0))
    plain = curve(a=(4.2, 4.0, 4.2, 4.4), c=(4.4, 4.6, 4.8, 4.1), unread=(4.0, 4.2, 4.4, 4.4))
    shown = [(row.ours, row.reference, row.met) for row in rows(ours, reference, plain)]
    assert shown[:4] == [
        ("2.5", "20.0", True),
        ("2.5", "10.0", None),
        ("0.400", "0.300", True),
        ("0.400", "0.500", None),
    ]
    assert shown[-2:] == [("5.0", "20.0", None), ("5.0", "10.0", None)]


def test_forgetting_too_much_or_gaining_too_little_is_missed() -> None:
    ours = curve(a=(4.2, 4.0, 4.1, 4.2), c=(4.4, 4.4, 4.1, 4.2), unread=(4.0,) * 4)
    plain = curve(a=(4.2, 4.0, 4.2, 4.4), c=(4.4, 4.6, 4.8, 4.1), unread=(4.0,) * 4)
    assert [row.met for row in rows(ours, plain, plain)][:3] == [False, None, False]
