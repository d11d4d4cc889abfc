"""`flask starter`: what a new site has to begin with: a few novels, a story, and a writer that learns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from webapp.cli.groups import Commands
from webapp.core.library import service as library
from webapp.core.library.service import StarterNovel
from webapp.core.stories import queries as story_queries
from webapp.core.stories import service as stories
from webapp.core.training import service as training
from webapp.intake import clean_text, read_manuscript

commands = Commands("starter", help="What a new site begins with.")
SHELF = Path(__file__).resolve().parent.parent / "starter"


@commands.command("install")
def install() -> None:
    """Add the starter library, the demo story and the writer's first run; what is there already stays as it is."""
    novels = library.add_starter_library(starter_novels())
    click.echo(f"원작 {len(novels)}편이 서재에 있어요. (starter library: {len(novels)} novels)")
    if not story_queries.stories(limit=1):
        begin_story()
    training.raise_base()


def starter_novels() -> Iterator[StarterNovel]:
    """The novels of the starter library, as its list tells them."""
    for entry in json.loads((SHELF / "library.json").read_text(encoding="utf-8")):
        path = SHELF / entry["file"]
        yield StarterNovel(
            manuscript=read_manuscript(path.name, path.read_bytes()),
            title=entry["title"],
            author=entry["author"],
            licence=entry["licence"],
            summary=entry["summary"],
            year=entry["year"],
        )


def begin_story() -> None:
    """Begin the demo story, which belongs to nobody."""
    story = json.loads((SHELF / "story.json").read_text(encoding="utf-8"))
    opening = clean_text(story["opening"])
    stories.create_story(story["title"], story["premise"], opening, story.get("settings", {}), actor=None)
    click.echo(f"‘{story['title']}’ 이야기를 열었어요. (the demo story is open)")
