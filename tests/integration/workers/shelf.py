"""Novels for the writer to read in tests, and what a job's row says."""

from __future__ import annotations

from config import Settings
from webapp import clock, jobs, storage
from webapp.core.library.models import Novel
from webapp.core.training import service
from webapp.db import session, transaction

SENTENCES = "비가 그친 저녁이었다. 골목 끝에서 누군가 문을 두드렸다. 나는 등불을 들고 마당으로 나갔다. "


def add_novel(title: str, text: str) -> int:
    """An approved novel of the starter library; returns its id."""
    with transaction():
        novel = Novel(
            title=title, author="아무개", live_key=title, rights="licence", status="approved", notes=[]
        )
        novel.characters, novel.sentences, novel.encoding = len(text), 3, "utf-8"
        novel.sha256, novel.nominated_at = storage.keep_text(text), clock.now()
        session.add(novel)
        session.flush()
        return novel.id


def ask_for_base(length: int = 60) -> int:
    """A library of two novels, so many times three sentences long, and the job that raises the first writer from them."""
    add_novel("저녁", SENTENCES * length)
    add_novel("아침", SENTENCES[::-1] * length)
    return service.raise_base().id


def has_learned(job_id: int, settings: Settings) -> bool:
    """Whether there is a snapshot of the job's run: the first is kept after the first update."""
    session.rollback()
    folder = settings.instance / "learning" / f"run-{jobs.get(job_id).subject_id}"
    return any(folder.glob("[0-9]*"))


def state(job_id: int) -> str:
    """What the row says just now."""
    session.rollback()
    return jobs.get(job_id).state
