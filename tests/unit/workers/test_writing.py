"""Which of the writer's drafts comes first, and what is kept with each."""

from __future__ import annotations

from model.writer import WriteRequest, Written
from workers.writing import best_first, details


def written(text: str, *, bits: float = 3.0, shared: float = 0.0, found: tuple[str, ...] = ()) -> Written:
    return Written(text, 1, found, {"bits_per_character": bits, "shared_share": shared})


def test_the_surest_draft_comes_first_but_not_one_that_lacks_a_keyword_or_was_copied() -> None:
    request = WriteRequest(keywords=("달",))
    drafts = [
        written("베낀 글", bits=0.5, shared=0.9, found=("달",)),
        written("낱말 없는 글", bits=1.0),
        written("망설인 글", bits=4.0, found=("달",)),
        written("또렷한 글", bits=2.0, found=("달",)),
    ]
    order = [draft.text for draft in best_first(drafts, request)]
    assert order == ["또렷한 글", "망설인 글", "베낀 글", "낱말 없는 글"]


def test_details_name_the_checkpoint_the_request_and_what_was_measured() -> None:
    request = WriteRequest(prompt="비가", keywords=("달", "별"), seed=5, styles={"novel-1": 1.0})
    kept = details(request, "ab" * 32, written("달이 떴다.", found=("달",)))
    assert kept["checkpoint_sha256"] == "ab" * 32
    assert kept["request"]["prompt"] == "비가"
    assert kept["request"]["seed"] == 5
    assert (kept["keywords"], kept["keywords_found"]) == (["달", "별"], ["달"])
    assert kept["measurements"]["bits_per_character"] == 3.0
