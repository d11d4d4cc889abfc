"""Drafts side by side."""

import pytest

from model.records import WriteRequest
from model.writer import Writer


@pytest.mark.parametrize("keywords", [(), ("우산", "기차역")])
def test_every_draft_is_written_again_alone_by_its_seed(taught: Writer, keywords: tuple[str, ...]) -> None:
    together = taught.write(WriteRequest("아이는", characters=120, drafts=9, seed=4, keywords=keywords))
    for draft in together:
        alone = WriteRequest("아이는", characters=120, seed=draft.seed, keywords=keywords)
        assert taught.write(alone)[0] == draft
