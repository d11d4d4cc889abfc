"""A backup's file comes back as it was packed, or is refused, whatever was done to it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.errors import Invalid
from webapp.upkeep.archive import Manifest, Packer, unpack

Content = dict[str, bytes]
PASSAGES, TEXT = "database/passage.jsonl", "storage/texts/aa.txt"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with a table and a text."""
    path = tmp_path / "whole.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        packer = Packer(tar, Manifest("0001", "2026-01-01T00:00:00+00:00", {"passage": 1}), tmp_path)
        packer.add(PASSAGES, lambda file: file.write(b'{"id": 1}\n'))  # type: ignore[arg-type,return-value]
        packer.add(TEXT, lambda file: file.write("새벽".encode() * 5000))  # type: ignore[arg-type,return-value]
        packer.close()
    return path


def test_what_was_packed_comes_back(path: Path, tmp_path: Path) -> None:
    manifest = unpack(path, tmp_path / "out")
    assert (manifest.revision, manifest.rows) == ("0001", {"passage": 1})
    assert set(manifest.members) == {PASSAGES, TEXT}
    assert (tmp_path / "out" / PASSAGES).read_bytes() == b'{"id": 1}\n'
    assert (tmp_path / "out" / TEXT).read_text("utf-8") == "새벽" * 5000


def cut(data: bytes) -> bytes:
    return data[:-40]


def change_a_byte(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 0xFF]) + data[len(data) // 2 + 1 :]


def be_empty(_data: bytes) -> bytes:
    return b""


def be_something_else(_data: bytes) -> bytes:
    return "이것은 백업이 아니에요.".encode() * 100


@pytest.mark.parametrize("damage", [cut, change_a_byte, be_empty, be_something_else])
def test_a_file_that_was_hurt_is_refused(
    path: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Invalid, match="온전하지 않아"):
        unpack(path, tmp_path / "out")


def change_a_member(content: Content) -> None:
    content[TEXT] = content[TEXT][:-1] + b"!"


def leave_a_member_out(content: Content) -> None:
    del content[TEXT]


def put_a_member_in(content: Content) -> None:
    content["storage/texts/bb.txt"] = b"!"


def lose_the_manifest(content: Content) -> None:
    del content["manifest.json"]


def spoil_the_manifest(content: Content) -> None:
    content["manifest.json"] = b"[1, 2]"


def spoil_the_members(content: Content) -> None:
    content["manifest.json"] = json.dumps({**json.loads(content["manifest.json"]), "members": []}).encode()


def come_from_the_future(content: Content) -> None:
    content["manifest.json"] = json.dumps({**json.loads(content["manifest.json"]), "format": 2}).encode()


@pytest.mark.parametrize(
    "change",
    [
        change_a_member,
        leave_a_member_out,
        put_a_member_in,
        lose_the_manifest,
        spoil_the_manifest,
        spoil_the_members,
        come_from_the_future,
    ],
)
def test_other_contents_than_were_packed_are_refused(
    path: Path, tmp_path: Path, change: Callable[[Content], None]
) -> None:
    content = read(path)
    change(content)
    write(path, *content.items())
    with pytest.raises(Invalid, match="온전하지 않아"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/escaped",
        "storage/../../escaped",
        "storage//escaped",
        "storage/.hidden/escaped",
        "elsewhere/escaped",
        "database",
        "storage/a\\b",
        TEXT,
    ],
)
def test_a_name_that_leads_elsewhere_or_comes_twice_is_refused(path: Path, tmp_path: Path, name: str) -> None:
    write(path, *read(path).items(), (name, b"!"))
    with pytest.raises(Invalid, match="it holds"):
        unpack(path, tmp_path / "deep" / "out")
    assert list(tmp_path.rglob("escaped")) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_plain_files_are_taken(path: Path, tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("storage/texts/cc.txt")
        member.type, member.linkname = kind, "storage/texts/aa.txt"
        tar.addfile(member)
    with pytest.raises(Invalid, match="it holds"):
        unpack(path, tmp_path / "out")


def read(path: Path) -> Content:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def write(path: Path, *members: tuple[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
