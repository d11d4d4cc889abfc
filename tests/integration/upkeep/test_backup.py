"""`flask backup` and `flask restore`: away from one database, back into another, and what they refuse."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text

from config import ROOT, Settings
from tests.databases import own_database
from tests.integration.upkeep.lived_in import RealStage, flask, live_in, manifest_of
from webapp.core.audit import service as audit
from webapp.db import session, transaction
from webapp.extensions import db
from webapp.upkeep.backup import back_up

pytestmark = pytest.mark.servers

WAYS = [
    ("sqlite", "postgresql"),
    ("sqlite", "mariadb"),
    ("postgresql", "sqlite"),
    ("mariadb", "postgresql"),
]


@contextmanager
def empty_database(kind: str, instance: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{instance / 'ieum.db'}"
    else:
        with own_database(kind) as url:
            yield url


@pytest.fixture
def site(app: Flask) -> Flask:
    """A site on which something has happened."""
    live_in(RealStage())
    return app


@pytest.fixture
def backup(site: Flask, tmp_path: Path) -> Path:
    """A backup of that site, made in this process."""
    path = tmp_path / "whole.tar.gz"
    back_up(path)
    session.rollback()
    return path


@pytest.mark.parametrize(("database_url", "target"), WAYS, indirect=["database_url"])
def test_a_site_comes_back_whole_on_any_database(
    site: Flask, settings: Settings, tmp_path: Path, target: str
) -> None:
    away, again, place = tmp_path / "이음.tar.gz", tmp_path / "again.tar.gz", tmp_path / "new"
    done = flask(tmp_path, "backup", str(away), DATABASE_URL=settings.database_url)
    assert done.returncode == 0, done.stderr
    assert away.stat().st_mode & 0o777 == 0o600
    with empty_database(target, place) as url:
        restored = flask(place, "restore", str(away), DATABASE_URL=url)
        assert restored.returncode == 0, restored.stderr
        examined = flask(place, "doctor", "--no-mend", DATABASE_URL=url)
        assert examined.returncode == 0, examined.stdout
        flask(place, "backup", str(again), DATABASE_URL=url)
        assert manifest_of(again)["members"] == manifest_of(away)["members"], "every row and file is the same"
        check_nulls_and_ids(url, place)
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert [path.name for path in place.glob(".*")] == []


def check_nulls_and_ids(url: str, place: Path) -> None:
    """NULL is no JSON null, and the next person gets an id of their own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        closed = connection.scalar(text("SELECT count(*) FROM poll WHERE result IS NOT NULL"))
        assert closed == connection.scalar(text("SELECT count(*) FROM poll WHERE status = 'closed'"))
        highest = connection.scalar(text("SELECT max(id) FROM account"))
    created = subprocess.run(
        [sys.executable, "-m", "flask", "accounts", "create", "새사람", "--password-stdin"],
        cwd=ROOT,
        env={"INSTANCE": str(place), "DATABASE_URL": url, "PATH": ""},
        input="correct horse battery\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert created.returncode == 0, created.stderr
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT max(id) FROM account")) > highest
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_what_is_written_meanwhile_is_in_it_wholly_or_not_at_all(site: Flask, tmp_path: Path) -> None:
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        with site.app_context():
            count = 0
            while not stop.is_set():
                with transaction():
                    # A link of the chain needs the one before it; a backup of two moments would break it.
                    audit.append("note", "story", 1, {"count": count})
                count += 1
                if count > 20:
                    enough.set()
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert enough.wait(60)
        path, place = tmp_path / "busy.tar.gz", tmp_path / "new"
        back_up(path)
    finally:
        stop.set()
        writer.join()
    session.rollback()
    assert flask(place, "restore", str(path)).returncode == 0
    assert flask(place, "doctor", "--no-mend").returncode == 0


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def write_members(path: Path, content: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def change_a_row(path: Path) -> None:
    content = members(path)
    content["database/passage.jsonl"] = content["database/passage.jsonl"].replace(b"HUMAN", b"MOUSE")
    write_members(path, content)


def lead_out(path: Path) -> None:
    write_members(path, {**members(path), "storage/../../../escaped": b"!"})


@pytest.mark.parametrize("damage", [cut, change_a_row, lead_out])
def test_a_damaged_file_is_refused_before_anything_is_written(
    backup: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(backup)
    place = tmp_path / "new"
    done = flask(place, "restore", str(backup))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 백업 파일이 온전하지 않아")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.rglob("escaped*")) == []
    assert [path for path in (place / "storage").rglob("*") if path.is_file()] == []
    engine = create_engine(f"sqlite:///{place / 'ieum.db'}")
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_backup_of_another_revision_is_refused(backup: Path, tmp_path: Path) -> None:
    content = members(backup)
    manifest = {**json.loads(content["manifest.json"]), "revision": "9999"}
    write_members(backup, {**content, "manifest.json": json.dumps(manifest).encode()})
    done = flask(tmp_path / "new", "restore", str(backup))
    assert done.returncode == 1
    assert "9999" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_site_that_is_lived_in_is_not_restored_over(
    backup: Path, settings: Settings, tmp_path: Path
) -> None:
    done = flask(tmp_path, "restore", str(backup), DATABASE_URL=settings.database_url)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 여기에는 이미")


def test_a_file_that_is_there_is_not_written_over(site: Flask, tmp_path: Path) -> None:
    path = tmp_path / "there.tar.gz"
    path.write_text("소중한 것")
    done = flask(tmp_path, "backup", str(path))
    assert done.returncode == 1
    assert path.read_text() == "소중한 것"


def test_the_secret_key_is_not_in_it(backup: Path, settings: Settings) -> None:
    secret = settings.secret_key.encode()
    assert not [name for name, data in members(backup).items() if secret in data or "secret" in name]


def test_a_folder_that_is_not_there_is_one_sentence(site: Flask, tmp_path: Path) -> None:
    done = flask(tmp_path, "backup", str(tmp_path / "nowhere" / "b.tar.gz"))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 파일을 다룰 수 없어요")
    assert done.stderr.count("\n") == 1


def limited(instance: Path, *words: str, most: int) -> subprocess.CompletedProcess[str]:
    """`flask words…` in a process whose files may not grow beyond so many bytes, as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env={"INSTANCE": str(instance), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_room_is_one_sentence_and_leaves_nothing_half_written(site: Flask, tmp_path: Path) -> None:
    done = limited(tmp_path, "backup", str(tmp_path / "b.tar.gz"), most=1000)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 보관할 자리가 모자라요.")
    assert done.stderr.count("\n") == 1
    assert [path for path in tmp_path.iterdir() if "b.tar.gz" in path.name] == []


def test_no_room_to_restore_is_one_sentence_and_can_be_tried_again(backup: Path, tmp_path: Path) -> None:
    place = tmp_path / "new"
    done = limited(place, "restore", str(backup), most=1000)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 보관할 자리가 모자라요.")
    assert done.stderr.count("\n") == 1
    assert flask(place, "restore", str(backup)).returncode == 0
    assert flask(place, "doctor", "--no-mend").returncode == 0
