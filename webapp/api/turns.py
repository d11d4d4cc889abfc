"""Turns, and what is handed in for them."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp.api import views
from webapp.api.auth import caller
from webapp.api.fields import PageIn
from webapp.api.operations import Page, operation, part_of
from webapp.api.schemas.stories import DraftIn, DraftOut, NominationIn, NominationOut, TurnOut
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.errors import N_


class Turn(Resource):
    """GET: one turn."""

    @operation(N_("차례 하나예요."), out=TurnOut)
    def get(self, turn_id: int) -> Any:
        return views.turn(queries.get_turn(turn_id))


class Nominations(Resource):
    """GET: what was nominated; POST: nominate a novel."""

    @operation(N_("이 차례에 추천된 원작들이에요."), query=PageIn, out=NominationOut, page=True)
    def get(self, turn_id: int, query: dict[str, Any]) -> Any:
        page = part_of(queries.nominations(queries.get_turn(turn_id).id), query)
        return Page([views.nomination(row) for row in page.items], page.next)

    @operation(
        N_("원작 차례에 읽힐 작품을 추천해요."),
        body=NominationIn,
        out=NominationOut,
        status=201,
        role="participant",
        refusals=(409,),
    )
    def post(self, turn_id: int, body: dict[str, Any]) -> Any:
        return views.nomination(stories.nominate(turn_id, body["novel_id"], caller()))


class Drafts(Resource):
    """POST: hand in a draft; a second one takes the place of the first. DELETE: take it back."""

    @operation(
        N_("사람 차례에 초안을 내요. 다시 내면 앞의 것을 갈음해요."),
        body=DraftIn,
        out=DraftOut,
        status=201,
        role="participant",
        refusals=(409,),
    )
    def post(self, turn_id: int, body: dict[str, Any]) -> Any:
        return views.draft(stories.hand_in_draft(turn_id, body["text"], caller()))

    @operation(N_("낸 초안을 거두어요."), status=204, role="participant", refusals=(409,))
    def delete(self, turn_id: int) -> Any:
        stories.withdraw_draft(turn_id, caller())


class Closing(Resource):
    """POST: end the present phase now."""

    @operation(N_("지금 단계를 바로 끝내요."), out=TurnOut, role="moderator", refusals=(409,))
    def post(self, turn_id: int) -> Any:
        return views.turn(stories.close_phase(turn_id, caller()))
