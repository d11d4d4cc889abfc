"""`flask relay`: where every story stands, and closing what is due."""

from __future__ import annotations

import click

from webapp.cli.groups import Commands
from webapp.core.stories import queries, service

commands = Commands("relay", help="The relay of every story.")
AT_ONCE = 100


@commands.command("status")
def status() -> None:
    """Print a line for each story, the newest first: its status, and its turn with phase and deadline (UTC)."""
    after = None
    while stories := queries.stories(after=after, limit=AT_ONCE):
        for story in stories:
            click.echo(f"{story.id}\t{story.status}\t{turn_line(story.id)}\t{story.title}")
        after = stories[-1].id


def turn_line(story_id: int) -> str:
    """What goes on in a story now, in a few words."""
    turn = queries.current_turn(story_id)
    if turn is None:
        return "-"
    until = turn.closes_at.isoformat(timespec="seconds") if turn.closes_at else "-"
    return f"{turn.seq} {turn.kind} {turn.phase} until {until}"


@commands.command("tick")
def tick() -> None:
    """Close every phase whose time is up, once, and say what was done."""
    for line in service.tick():
        click.echo(line)
