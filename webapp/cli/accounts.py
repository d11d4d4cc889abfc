"""`flask accounts`: people, from the command line."""

from __future__ import annotations

import sys

import click

from webapp.cli.groups import Commands
from webapp.core.accounts import service
from webapp.core.accounts.rules import ROLES
from webapp.core.moderation import service as moderation

commands = Commands("accounts", help="People of this site.")
role_option = click.option("--role", type=click.Choice(ROLES), default="participant", show_default=True)


@commands.command("create")
@click.argument("name")
@role_option
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)
def create(name: str, role: str, password_stdin: bool) -> None:
    """Make an account; without --password-stdin the password is asked for."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else asked_password()
    account = service.sign_up(name, password, role=role)
    click.echo(f"{account.name}: {account.role}")


def asked_password() -> str:
    """The password, typed twice without being shown."""
    password: str = click.prompt("비밀번호 (password)", hide_input=True, confirmation_prompt=True)
    return password


@commands.command("promote")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
def promote(name: str, role: str) -> None:
    """Give an account another role."""
    account = moderation.promote(name, role)
    click.echo(f"{account.name}: {account.role}")
