"""What 이음 is, for people who know nothing about AI."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("about", __name__, url_prefix="/about")


@pages.get("")
def index() -> str:
    """How it goes, and every special word explained."""
    return render_template("about/index.html")
