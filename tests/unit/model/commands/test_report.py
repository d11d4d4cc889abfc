"""The page on a run: whole, for people, and safe to open."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from model.commands.report import Learned, page
from model.records import HeldOut, LearningReport, LearningText, Progress
from model.scores import BEGINNINGS, Sample, Scores, TextScore

VOID = {"meta", "br", "line", "circle", "polyline"}
EVIL = '<script>alert("1")</script>'


class Tags(HTMLParser):
    """Fails where tags do not match; gathers the text and the tags met."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    return tags


def scores(text: str) -> Scores:
    samples = [Sample(prompt, text, words, words) for prompt, words in BEGINNINGS.items()]
    return Scores(
        (TextScore("골목", 500, 4.2),), tuple(samples), 12, 0.013, 0.004, 0.9, (0.1, 0.6), (0.5, 0.9)
    )


@pytest.fixture
def learned() -> Learned:
    curve = tuple(Progress(n * 10, n * 1.5, n / 4, 6.0 - n / 2, 6.1 - n / 3, n * 1000) for n in range(1, 5))
    report = LearningReport(
        curve=curve,
        held_out=(HeldOut("골목", "new", 300, 6.2, 4.4), HeldOut("강가", "rehearsal", 100, 5.0, 5.2)),
        steps=40, seconds=65.0, characters_read=4000, characters_new=2000, vocabulary=120, vocabulary_added=7,
        device="cpu", seed=3, stopped="early",
    )  # fmt: skip
    texts = [LearningText("가" * 1500, "골목", 3.0), LearningText("나" * 500, "강가", 1.0, "rehearsal")]
    return Learned(texts, report, scores("옛 글"), scores("새 글"), "ab" * 32, None)


def test_the_page_tells_what_was_read_and_what_came_of_it(learned: Learned) -> None:
    text = parsed(page(learned)).text
    for said in (
        "글 2편, 2,000자를 1분 5초 동안 배웠어요",
        "5.90비트에서 4.60비트",
        "더 나아지지 않아 일찍 마쳤어요",
        "75%",
        "강가 (되새김)",
        "옛 글",
        "새 글",
        "우산, 골목, 편지",
        "12자",
        "ab" * 32,
        "남겨 둔 글",
    ):
        assert said in text, said


def test_the_page_needs_nothing_else_and_follows_the_light(learned: Learned) -> None:
    html = page(learned)
    tags = parsed(html)
    assert not tags.met & {"script", "link", "img", "iframe", "object"}
    assert "://" not in html
    assert "url(" not in html
    assert "prefers-color-scheme: dark" in html
    assert 'lang="ko"' in html
    assert "width=device-width" in html


def test_what_people_wrote_is_shown_and_never_run(learned: Learned) -> None:
    texts = [LearningText("가" * 1500, EVIL), LearningText("나" * 500, "a & b")]
    bad = replace(learned, texts=texts, before=scores(EVIL), after=scores("</p></html>"))
    tags = parsed(page(bad))
    assert "script" not in tags.met
    assert EVIL in tags.text
    assert "a & b" in tags.text


def test_a_run_without_anything_held_out_still_has_a_page(learned: Learned) -> None:
    curve = tuple(replace(point, validation_loss=None) for point in learned.report.curve)
    report = replace(learned.report, curve=curve, held_out=())
    text = parsed(page(replace(learned, report=report))).text
    assert "비트에서" not in text
    assert "배우는 글" in text
    assert "–" in text
