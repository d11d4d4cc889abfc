"""The file that a backup is: a .tar.gz whose last member, manifest.json, names the SHA-256 of every other one.

    database/TABLE.jsonl    a table's rows, a JSON object a line
    storage/NAME            texts and checkpoints under the names that storage gives them
    manifest.json           format, the database's revision, when it was made, rows by table, hashes by member

The hashes find damage, not forgery: restore only files that you made.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from webapp.errors import Invalid

FORMAT = 1
MANIFEST = "manifest.json"
PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""What stands between the strokes of a member's name: nothing that leads out of a folder."""


@dataclass
class Manifest:
    """What an archive holds."""

    revision: str
    made_at: str
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Packer:
    """Adds members to a tar file, noting their hashes; `folder` has room for the member being made."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
        self.tar, self.manifest, self.folder = tar, manifest, folder

    def add(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Add what `write` writes under this name."""
        with tempfile.TemporaryFile(dir=self.folder) as file:
            write(file)
            size = file.tell()
            file.seek(0)
            self.manifest.members[name] = hashlib.file_digest(file, "sha256").hexdigest()
            self._add(name, size, file)

    def close(self) -> None:
        """Add the manifest."""
        with tempfile.TemporaryFile(dir=self.folder) as file:
            size = file.write(json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode())
            self._add(MANIFEST, size, file)

    def _add(self, name: str, size: int, file: BinaryIO) -> None:
        file.seek(0)
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self.tar.addfile(member, file)


def damaged(reason: str) -> Invalid:
    """The refusal of a file that is no whole backup."""
    return Invalid(
        "backup-damaged",
        f"백업 파일이 온전하지 않아 되살리지 않았어요. 다른 백업 파일로 해 보세요. (damaged backup: {reason})",
    )


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder and check every hash. Raises OSError, and Invalid `backup-damaged`."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                check_member(member, found)
                found[member.name] = _unpack_member(tar, member, folder / member.name)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, UnicodeError) as error:
        raise damaged(str(error)) from error
    manifest = read_manifest(folder / MANIFEST)
    found.pop(MANIFEST)
    changed = sorted(name for name, _ in manifest.members.items() ^ found.items())
    if changed:
        raise damaged(f"{changed[0]} is not what was saved")
    return manifest


def check_member(member: tarfile.TarInfo, before: dict[str, str]) -> None:
    """Refuse what no backup of ours holds: links, devices, folders, names that lead elsewhere or come twice."""
    folder, *parts = member.name.split("/")
    placed = parts if folder in ("database", "storage") else member.name == MANIFEST
    if not member.isreg() or not placed or not all(PART.fullmatch(part) for part in parts):
        raise damaged(f"it holds {member.name!a}")
    if member.name in before:
        raise damaged(f"it holds {member.name} twice")


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    content = tar.extractfile(member)
    assert content is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w+b") as file:
        shutil.copyfileobj(content, file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(path: Path) -> Manifest:
    """The manifest of an unpacked archive; raises Invalid `backup-damaged`."""
    try:
        values: dict[str, Any] = json.loads(path.read_bytes())
        manifest = Manifest(**values)
    except (OSError, ValueError, TypeError) as error:
        raise damaged("its list of contents is missing or unreadable") from error
    if not isinstance(manifest.members, dict) or not isinstance(manifest.rows, dict):
        raise damaged("its list of contents is no list")
    if manifest.format != FORMAT:
        raise damaged(f"format {manifest.format} is not one that this version reads")
    return manifest
