"""What lies in storage."""

from __future__ import annotations

from sqlalchemy import select

from model import seal
from webapp import storage
from webapp.core.library.models import Novel
from webapp.core.training.models import Checkpoint, Run
from webapp.db import session
from webapp.errors import Unavailable
from webapp.upkeep.checks.finding import Finding


def checkpoints_whole() -> Finding:
    """Each checkpoint's files are there and are what was saved."""
    rows = session.execute(select(Checkpoint.id, Checkpoint.sha256).order_by(Checkpoint.id)).all()
    wrong = [
        f"두뇌 {checkpoint_id} (checkpoint): {trouble}"
        for checkpoint_id, digest in rows
        if (trouble := _trouble_with_checkpoint(digest))
    ]
    return Finding("작가 AI의 두뇌 파일이 온전해요 (checkpoints)", len(rows), wrong)


def _trouble_with_checkpoint(digest: str) -> str:
    try:
        seal.verify(storage.checkpoint_folder(digest), sha256=digest)
    except (Unavailable, FileNotFoundError):
        return "파일이 없어요. (lost)"
    except seal.CheckpointDamaged as error:
        return f"파일이 망가졌어요. ({error})"
    return ""


def texts_whole() -> Finding:
    """Each text that a novel or a run speaks of is there and is what was kept."""
    digests = set(session.scalars(select(Novel.sha256)))
    for lessons in session.scalars(select(Run.lessons)):
        digests |= {lesson["text_sha256"] for lesson in lessons if lesson.get("text_sha256")}
    wrong = [
        f"글 {digest[:12]}… (text): 없거나 망가졌어요. (lost or damaged)"
        for digest in sorted(digests)
        if not _text_is_whole(digest)
    ]
    return Finding("보관한 글이 온전해요 (texts)", len(digests), wrong)


def _text_is_whole(digest: str) -> bool:
    try:
        storage.text(digest)
    except Unavailable:
        return False
    return True
