"""Stories and their passages."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp.api import views
from webapp.api.auth import caller
from webapp.api.fields import PageIn
from webapp.api.operations import Page, operation, page_of
from webapp.api.schemas.stories import HidingIn, PassageOut, PassagesIn, StoryIn, StoryOut, TurnOut
from webapp.api.schemas.writer import JobOut
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.errors import N_


class Stories(Resource):
    """GET: all stories, newest first; POST: a new one."""

    @operation(N_("이야기 목록이에요. 새것부터 나와요."), query=PageIn, out=StoryOut, page=True)
    def get(self, query: dict[str, Any]) -> Any:
        rows = queries.stories(after=query.get("cursor"), limit=query["limit"] + 1)
        page = page_of(rows, query["limit"], lambda row: row.id)
        return Page([views.story(row) for row in page.items], page.next)

    @operation(N_("새 이야기를 시작해요."), body=StoryIn, out=StoryOut, status=201, role="moderator")
    def post(self, body: dict[str, Any]) -> Any:
        return views.story(stories.create_story(**body, actor=caller()))


class Story(Resource):
    """GET: one story."""

    @operation(N_("이야기 하나와 지금 차례예요."), out=StoryOut)
    def get(self, story_id: int) -> Any:
        return views.story(queries.get_story(story_id))


class Turns(Resource):
    """GET: the turns of a story, newest first."""

    @operation(N_("이야기의 차례들이에요. 새것부터 나와요."), query=PageIn, out=TurnOut, page=True)
    def get(self, story_id: int, query: dict[str, Any]) -> Any:
        story = queries.get_story(story_id)
        rows = queries.turns(story.id, before=query.get("cursor"), limit=query["limit"] + 1)
        page = page_of(rows, query["limit"], lambda row: row.seq)
        return Page([views.turn(row) for row in page.items], page.next)


class Passages(Resource):
    """GET: the passages of a story, in order."""

    @operation(
        N_("이야기의 대목들이에요. 처음부터 차례대로 나와요."), query=PassagesIn, out=PassageOut, page=True
    )
    def get(self, story_id: int, query: dict[str, Any]) -> Any:
        story = queries.get_story(story_id)
        after = query.get("cursor", query["after"])
        rows = queries.passages(story.id, after=after, limit=query["limit"] + 1)
        page = page_of(rows, query["limit"], lambda row: row.seq)
        return Page([views.passage(row) for row in page.items], page.next)


class Passage(Resource):
    """GET: one passage."""

    @operation(N_("대목 하나예요."), out=PassageOut)
    def get(self, passage_id: int) -> Any:
        return views.passage(queries.get_passage(passage_id))


class Rewriting(Resource):
    """POST: have the writer write its passage again."""

    @operation(
        N_("작가 AI가 쓴 대목을 다시 써 보게 해요. 같은 글이 나와야 해요."),
        out=JobOut,
        status=202,
        role="participant",
        refusals=(409,),
    )
    def post(self, passage_id: int) -> Any:
        return views.job(stories.ask_to_rewrite(passage_id, caller()))


class Hiding(Resource):
    """PUT: hide a passage, or show it again."""

    @operation(
        N_("대목을 가리거나 다시 보여 줘요. 자리는 그대로 남아요."),
        body=HidingIn,
        out=PassageOut,
        role="moderator",
    )
    def put(self, passage_id: int, body: dict[str, Any]) -> Any:
        decide = moderation.hide_passage if body["hidden"] else moderation.show_passage
        return views.passage(decide(passage_id, body["reason"], caller()))
