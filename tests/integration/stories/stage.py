"""People, novels and a stand-in for the worker's process, with which tests move a story on.

What a worker writes to the database goes through the same services as in `workers/jobs.py`; only the writer itself is
left out.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cached_property

from webapp import clock, jobs, storage
from webapp.core.accounts import queries as account_queries
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.library.models import Novel
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Draft, Passage, Story, Turn
from webapp.core.stories.service import WrittenDraft
from webapp.core.training import service as training
from webapp.core.voting import service as voting
from webapp.db import session, transaction

OPENING = "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않는데 아침마다 편지가 들어 있었다."


class Stage:
    """Everything a story needs around it."""

    def person(self, name: str) -> Account:
        return account_queries.by_name(name) or accounts.sign_up(name, "correct horse battery")

    @cached_property
    def moderator(self) -> Account:
        return accounts.sign_up("운영자", "correct horse battery", role="moderator")

    def story(self, **settings: object) -> Story:
        return stories.create_story(
            "우체통", "편지가 오는 마을의 이야기.", OPENING, settings, actor=self.moderator
        )

    def story_at(self, kind: str, **settings: object) -> Story:
        """A story whose turn of this kind is collecting; the turns before it passed by empty."""
        story = self.story(**settings)
        while self.turn(story).kind != kind:
            stories.close_phase(self.turn(story).id, self.moderator)
        return story

    def turn(self, story: Story) -> Turn:
        turn = queries.current_turn(story.id)
        assert turn is not None
        return turn

    def novel(self, title: str, *, status: str = "approved") -> int:
        text = f"{title}라는 이야기. 옛날에 한 사람이 살았다. " * 20
        with transaction():
            novel = Novel(
                title=title,
                author="아무개",
                live_key=title,
                rights="own",
                status=status,
                characters=len(text),
                sentences=40,
                encoding="utf-8",
                sha256=storage.keep_text(text),
                notes=[],
                nominated_at=clock.now(),
            )
            session.add(novel)
            session.flush()
            return novel.id

    def hand_in(self, turn_id: int, name: str) -> Draft:
        text = f"{name}의 초안이에요. 우체통에서 낡은 편지 한 통이 나왔어요."
        return stories.hand_in_draft(turn_id, text, self.person(name))

    def vote(self, turn_id: int, kind: str, choices: dict[str, list[int]]) -> None:
        """Let people vote for subjects (novels or drafts) by name."""
        poll = queries.polls_of(turn_id)[kind]
        options = {option.subject_id: option.id for option in poll.options}
        for name, subjects in choices.items():
            voting.cast(poll.id, [options[subject] for subject in subjects], self.person(name))

    def vote_none(self, turn_id: int) -> None:
        poll = queries.polls_of(turn_id)["passage"]
        none = next(option.id for option in poll.options if option.is_none)
        voting.cast(poll.id, [none], self.person("가"))

    def claim(self, job_id: int) -> int:
        epoch = jobs.claim(job_id)
        assert epoch is not None
        return epoch

    def expire_lease(self, job_id: int) -> None:
        with transaction():
            jobs.get(job_id).lease_until = clock.now()

    def keep_lease(self, job_id: int) -> None:
        """However busy this machine is, nobody takes this job for abandoned."""
        with transaction():
            jobs.get(job_id).lease_until = clock.now() + timedelta(hours=1)

    def checkpoint(self, turn: Turn) -> int:
        """The run of a turn has led to a checkpoint."""
        assert turn.run_id is not None
        training.begin(turn.run_id)
        digest = hashlib.sha256(str(turn.run_id).encode()).hexdigest()
        return training.keep_checkpoint(turn.run_id, digest=digest, measurements={}, samples=[]).id

    def read_novels(self, turn: Turn) -> int:
        assert turn.job_id is not None
        epoch = self.claim(turn.job_id)
        checkpoint_id = self.checkpoint(turn)
        stories.finish_reading(turn.job_id, epoch, checkpoint_id)
        return checkpoint_id

    def write(self, turn: Turn) -> list[Draft]:
        assert turn.job_id is not None
        epoch = self.claim(turn.job_id)
        order = stories.writing_order(turn.id)
        checkpoint_id = order.checkpoint_id or self.checkpoint(turn)
        mix = {str(novel_id): share for novel_id, share in order.styles.items()}
        texts = [
            WrittenDraft(f"작가가 쓴 {place}번째 글이에요.", {"request": {}, "seed": place, "style_mix": mix})
            for place in range(order.drafts)
        ]
        stories.finish_writing(turn.job_id, epoch, checkpoint_id, texts)
        return queries.drafts(turn.id)

    def publish_writing(self, story: Story) -> Passage:
        """A machine turn from its wishes to the writer's passage."""
        turn = self.turn(story)
        stories.close_phase(turn.id, self.moderator)
        drafts = self.write(turn)
        self.vote(turn.id, "passage", {"가": [drafts[0].id]})
        stories.close_phase(turn.id, self.moderator)
        passage = queries.passage_of_turn(turn.id)
        assert passage is not None
        return passage

    def compare_again(self, passage_id: int, **outcome: object) -> None:
        """The writer has written a passage again, with this outcome."""
        job_id = stories.rewrite_passage(passage_id).id
        epoch = self.claim(job_id)
        with transaction():
            jobs.finish(job_id, epoch, {"same": True, "differs_at": None, "changed": [], **outcome})

    def fail(self, turn: Turn) -> None:
        assert turn.job_id is not None
        epoch = self.claim(turn.job_id)
        with transaction():
            jobs.fail(turn.job_id, epoch, "디스크가 가득 찼어요.", final=True)
