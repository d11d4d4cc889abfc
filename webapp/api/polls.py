"""Polls, their options and ballots."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp.api import views
from webapp.api.auth import caller
from webapp.api.fields import PageIn
from webapp.api.operations import operation, part_of
from webapp.api.schemas.polls import BallotIn, BallotOut, OptionIn, OptionOut, PollOut, PublishedBallotOut
from webapp.core.voting import queries
from webapp.core.voting import service as voting
from webapp.errors import N_


class Poll(Resource):
    """GET: one poll."""

    @operation(N_("투표 하나예요. 끝나기 전에는 표의 수만 알려 줘요."), out=PollOut)
    def get(self, poll_id: int) -> Any:
        return views.poll(queries.get(poll_id))


class Options(Resource):
    """POST: suggest a keyword."""

    @operation(
        N_("낱말을 내요."), body=OptionIn, out=OptionOut, status=201, role="participant", refusals=(409,)
    )
    def post(self, poll_id: int, body: dict[str, Any]) -> Any:
        option = voting.propose_option(poll_id, body["label"], caller())
        return views.options("keyword", [option])[0]


class OwnBallot(Resource):
    """PUT: answer, or answer anew; DELETE: take the answer back."""

    @operation(
        N_("투표해요. 다시 보내면 앞의 표를 갈음해요."),
        body=BallotIn,
        out=BallotOut,
        role="participant",
        refusals=(409,),
    )
    def put(self, poll_id: int, body: dict[str, Any]) -> Any:
        ballot = voting.cast(poll_id, body["options"], caller())
        return {"options": ballot.options, "cast_at": ballot.cast_at}

    @operation(N_("표를 거두어요."), status=204, role="participant", refusals=(409,))
    def delete(self, poll_id: int) -> Any:
        voting.withdraw_ballot(poll_id, caller())


class Ballots(Resource):
    """GET: every ballot of a closed poll, enough to count again."""

    @operation(
        N_("끝난 투표의 모든 표예요. 누구나 다시 셀 수 있어요."),
        query=PageIn,
        out=PublishedBallotOut,
        page=True,
        refusals=(409,),
    )
    def get(self, poll_id: int, query: dict[str, Any]) -> Any:
        return part_of(queries.published_ballots(poll_id), query)
