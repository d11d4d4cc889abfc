"""Where texts and checkpoints lie: a local folder by default, any fsspec address where STORAGE_URL says so.

Names are made from contents (SHA-256), so writing the same thing twice is writing it once, and a file can be checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from webapp.errors import N_, Unavailable

MAKING = ".making-"


class _Place:
    """The file system and the folder in it, set by `connect`."""

    files: Any = None
    root: str = ""
    cache: Path = Path()


def connect(url: str, cache: Path) -> None:
    """Keep everything under `url` from now on; `cache` is a local folder for copies of far-away checkpoints."""
    _Place.files, _Place.root = fsspec.core.url_to_fs(url)
    _Place.cache = cache
    _Place.files.makedirs(_Place.root, exist_ok=True)


def answers() -> bool:
    """Whether the place is there just now, and can be written to where that shows."""
    try:
        there = bool(_Place.files.exists(_Place.root))
    except OSError:
        return False
    return there and (not _is_local() or os.access(_Place.root, os.W_OK))


def _address(name: str) -> str:
    return f"{_Place.root}/{name}"


def keep_text(text: str) -> str:
    """Keep a text and return its SHA-256 in hex; raises Unavailable when the disk is full."""
    data = text.encode("utf-8")
    digest = hashlib.sha256(data).hexdigest()
    name = _address(f"texts/{digest}.txt")
    if not _Place.files.exists(name):
        _write_whole(name, BytesIO(data))
    return digest


def text(digest: str) -> str:
    """The text with this SHA-256; raises Unavailable when it is gone or has changed."""
    try:
        data: bytes = _Place.files.cat_file(_address(f"texts/{digest}.txt"))
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise Unavailable("text-lost", N_("보관해 둔 글을 찾을 수 없어요. 관리자에게 알려 주세요."))
    return data.decode("utf-8")


def _write_whole(name: str, data: BinaryIO) -> None:
    """Write under another name first, so that a half-written file never bears the right one."""
    files = _Place.files
    rough = f"{name}.{os.getpid()}.part"
    try:
        files.makedirs(name.rsplit("/", 1)[0], exist_ok=True)
        with files.open(rough, "wb") as file:
            shutil.copyfileobj(data, file)
            if isinstance(files, LocalFileSystem):
                file.flush()
                os.fsync(file.fileno())
        files.mv(rough, name)
    except OSError as error:
        if files.exists(rough):
            files.rm(rough)
        raise Unavailable("disk-full", N_("보관할 자리가 모자라요. 관리자에게 알려 주세요.")) from error


def names() -> list[str]:
    """The names of all files kept here, `texts/…` and `checkpoints/…`, but those that are still being written."""
    found = _local_names() if _is_local() else _distant_names()
    return sorted(name for name in found if not name.endswith(".part"))


def _local_names() -> Iterator[str]:
    for folder, folders, files in os.walk(_Place.root, onerror=_refuse):
        # A checkpoint that is being made comes and goes while we look.
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.relpath(Path(folder) / name, _Place.root) for name in files)


def _refuse(error: OSError) -> None:
    raise error


def _distant_names() -> Iterator[str]:
    for address in _Place.files.find(_Place.root):
        yield address.removeprefix(_Place.root).lstrip("/")


def copy_out(name: str, target: BinaryIO) -> None:
    """Write the content of a kept file into `target`."""
    with _Place.files.open(_address(name), "rb") as file:
        shutil.copyfileobj(file, target)


def put_back(name: str, source: BinaryIO) -> None:
    """Keep a file under the name that `names` gave it; raises Unavailable when the disk is full."""
    _write_whole(_address(name), source)


def checkpoint_work_folder() -> Path:
    """A new empty local folder beside the checkpoints, to save into before `keep_checkpoint`."""
    base = _work_folders()
    base.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=MAKING, dir=base))


def forget_unfinished_checkpoints(older_than: float = 3 * 3600.0) -> None:
    """Remove work folders that a killed process left behind: those which nobody wrote to for so many seconds."""
    for path in _work_folders().glob(f"{MAKING}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than:
                shutil.rmtree(path, ignore_errors=True)


def _work_folders() -> Path:
    return _local_root() / "checkpoints" if _is_local() else _Place.cache


def keep_checkpoint(folder: Path, digest: str) -> None:
    """Keep a saved checkpoint folder under its SHA-256; the folder given is used up."""
    if _is_local():
        target = _local_root() / "checkpoints" / digest
        if target.exists():
            _remove_folder(folder)
        else:
            folder.rename(target)
        return
    _Place.files.put(str(folder) + "/", _address(f"checkpoints/{digest}/"), recursive=True)
    folder.rename(_Place.cache / digest)


def checkpoint_folder(digest: str) -> Path:
    """A local folder with the checkpoint of this SHA-256; raises Unavailable when it is gone."""
    folder = (_local_root() / "checkpoints" if _is_local() else _Place.cache) / digest
    if not folder.exists() and not _is_local():
        _Place.files.get(_address(f"checkpoints/{digest}/"), str(folder) + "/", recursive=True)
    if not folder.exists():
        raise Unavailable(
            "checkpoint-lost", N_("작가 AI의 두뇌 파일을 찾을 수 없어요. 관리자에게 알려 주세요.")
        )
    return folder


def _is_local() -> bool:
    return isinstance(_Place.files, LocalFileSystem)


def _local_root() -> Path:
    return Path(_Place.root)


def _remove_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
