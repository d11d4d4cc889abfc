"""Compiles the catalogues of the interface's languages (.po → .mo)."""

from __future__ import annotations

from scripts.places import PYTHON, TRANSLATIONS
from scripts.quiet import run_quietly
from scripts.say import say
from scripts.stamps import fingerprint, is_fresh, stamp


def prepare() -> None:
    """Compile every catalogue, if one changed or its compiled form is missing."""
    catalogues = sorted(TRANSLATIONS.rglob("*.po"))
    mark = fingerprint(catalogues)
    if is_fresh("translations", mark) and all(each.with_suffix(".mo").is_file() for each in catalogues):
        return
    if catalogues:
        say("4/5 다른 언어로 된 글을 준비하고 있어요 (compiling translations) …")
        run_quietly([PYTHON, "-m", "babel.messages.frontend", "compile", "--directory", TRANSLATIONS])
    stamp("translations", mark)
