"""The English behind the switch: every sentence has one, with the same places in it, and pages speak one language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config import ROOT
from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor

CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
HANGUL = re.compile("[가-힣]+")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every sentence that the site can say."""
    return set(_extracted())


def _extracted() -> Iterator[str]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    for folder in ("model", "webapp", "workers", "templates"):
        mapping = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in methods
            if pattern.startswith(folder)
        ]
        for found in extract_from_dir(ROOT / folder, mapping, options, keywords):
            yield found[2] if isinstance(found[2], str) else found[2][0]


def test_every_sentence_has_an_english_one(catalogue: Catalog, sentences: set[str]) -> None:
    assert len(sentences) > 400
    assert sorted(sentence for sentence in sentences if not _english(catalogue, sentence)) == []


def test_no_english_is_left_over_from_sentences_that_are_gone(
    catalogue: Catalog, sentences: set[str]
) -> None:
    known = {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id
    }
    assert sorted(known - sentences) == []


def test_both_languages_have_the_same_places(catalogue: Catalog, sentences: set[str]) -> None:
    wrong = [
        sentence
        for sentence in sentences
        for english in _english(catalogue, sentence)
        if set(PLACES.findall(sentence)) != set(PLACES.findall(english))
    ]
    assert wrong == []


def test_the_english_is_english(catalogue: Catalog, sentences: set[str]) -> None:
    quoted = {"작자 미상", "등대"}
    wrong = [
        english
        for sentence in sentences
        for english in _english(catalogue, sentence)
        if set(HANGUL.findall(english)) - set(" ".join(quoted).split())
    ]
    assert wrong == []


def _english(catalogue: Catalog, sentence: str) -> tuple[str, ...]:
    message = catalogue.get(sentence)
    if message is None or not message.string or message.fuzzy:
        return ()
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.mark.parametrize(
    "address",
    ["/", "/about", "/log-in", "/sign-up", "/stories", "/novels", "/novels/new", "/writer", "/nowhere"],
)
def test_an_english_page_has_no_korean_of_ours(visitor: Visitor, address: str) -> None:
    visitor.send(visitor.open("/about"), "/language", language="en")
    page = visitor.open(address)
    assert set(HANGUL.findall(page.html)) <= {"한국어"}


def test_the_turn_speaks_english_too(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("machine")
    visitor.send(visitor.open("/about"), "/language", language="en")
    page = visitor.open(f"/stories/{story.id}/turn")
    assert f"Turn {stage.turn(story).seq} · The writer's turn" in page.words
    assert "Decide what to ask of the writer" in page.words
    assert "about 400 characters" in page.words
    assert "Nobody handed in a draft" in page.words
