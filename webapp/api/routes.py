"""Every route of the API, under /api."""

from __future__ import annotations

from flask_restful import Resource

from webapp.api.accounts import Accounts, Me, Sessions
from webapp.api.legacy import Hello, PutHumanTxt
from webapp.api.novels import Decision, Novel, Novels
from webapp.api.polls import Ballots, Options, OwnBallot, Poll
from webapp.api.stories import Hiding, Passage, Passages, Rewriting, Stories, Story, Turns
from webapp.api.turns import Closing, Drafts, Nominations, Turn
from webapp.api.writer import Cancelling, Checkpoint, Checkpoints, Job, Run

ROUTES: list[tuple[str, type[Resource]]] = [
    ("/v1/accounts", Accounts),
    ("/v1/sessions", Sessions),
    ("/v1/me", Me),
    ("/v1/stories", Stories),
    ("/v1/stories/<id:story_id>", Story),
    ("/v1/stories/<id:story_id>/passages", Passages),
    ("/v1/stories/<id:story_id>/turns", Turns),
    ("/v1/passages/<id:passage_id>", Passage),
    ("/v1/passages/<id:passage_id>/hidden", Hiding),
    ("/v1/passages/<id:passage_id>/rewriting", Rewriting),
    ("/v1/novels", Novels),
    ("/v1/novels/<id:novel_id>", Novel),
    ("/v1/novels/<id:novel_id>/decision", Decision),
    ("/v1/turns/<id:turn_id>", Turn),
    ("/v1/turns/<id:turn_id>/nominations", Nominations),
    ("/v1/turns/<id:turn_id>/drafts", Drafts),
    ("/v1/turns/<id:turn_id>/close", Closing),
    ("/v1/polls/<id:poll_id>", Poll),
    ("/v1/polls/<id:poll_id>/options", Options),
    ("/v1/polls/<id:poll_id>/ballot", OwnBallot),
    ("/v1/polls/<id:poll_id>/ballots", Ballots),
    ("/v1/jobs/<id:job_id>", Job),
    ("/v1/jobs/<id:job_id>/cancel", Cancelling),
    ("/v1/checkpoints", Checkpoints),
    ("/v1/checkpoints/<id:checkpoint_id>", Checkpoint),
    ("/v1/runs/<id:run_id>", Run),
    ("/put_Human_txt", PutHumanTxt),
    ("/Hello", Hello),
]
