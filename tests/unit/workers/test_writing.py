"""Which of the writer's drafts comes first, and what is kept with each."""

from __future__ import annotations

import json

from model.writer import Circumstances, WriteRequest, Written
from webapp.core.stories.service import WritingOrder
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


def test_details_name_all_that_is_needed_to_write_a_draft_again() -> None:
    order = WritingOrder(
        story_id=1, turn_id=2, run_id=None, checkpoint_id=3, newest_id=3, read="", prompt="비가",
        keywords=("달", "별"), characters=100, drafts=2, styles={1: 0.75, 4: 0.25}, seed=5, fresh_memory=False,
    )  # fmt: skip
    request = WriteRequest(
        prompt="비가", keywords=("달", "별"), seed=5, styles={"novel-1": 0.75, "novel-4": 0.25}
    )
    computed = Circumstances("code", "2.13", "cpu", "a processor", 2)
    kept = details(order, request, "ab" * 32, written("달이 떴다.", found=("달",)), computed)
    assert kept["checkpoint_sha256"] == "ab" * 32
    assert WriteRequest.from_json(json.loads(json.dumps(kept["request"]))) == request
    assert (kept["keywords"], kept["keywords_found"]) == (["달", "별"], ["달"])
    assert kept["measurements"]["bits_per_character"] == 3.0
    assert kept["style_mix"] == {"1": 0.75, "4": 0.25}
    assert Circumstances(**kept["circumstances"]) == computed
