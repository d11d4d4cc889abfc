"""What makes a checkpoint whole: writer.json names the hash of every other file, and its seal is its own hash.

The standard library only, so that a checkpoint can be checked where nothing is computed.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "writer.json"


class CheckpointDamaged(ValueError):
    """A checkpoint that is incomplete or is not what was saved."""

    code = "checkpoint-damaged"
    message = "저장된 두뇌가 손상되어 읽을 수 없어요. 백업에서 되살리거나 이전 두뇌로 이어 가 주세요."


def seal(manifest: Mapping[str, Any]) -> str:
    """The SHA-256, in hex, of a manifest without its seal: the checkpoint's name."""
    plain = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


def read_manifest(folder: Path, *, sha256: str | None = None) -> dict[str, Any]:
    """The manifest of a checkpoint, which is unchanged; with `sha256`, also that it is that very one.

    Raises FileNotFoundError if there is no such folder, and `CheckpointDamaged`.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no checkpoint at {folder}")
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise CheckpointDamaged(f"{MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("seal") != seal(manifest):
        raise CheckpointDamaged(f"{MANIFEST} has been changed")
    if sha256 is not None and manifest["seal"] != sha256:
        raise CheckpointDamaged(f"this is checkpoint {manifest['seal']}, not {sha256}")
    return manifest


def verify(folder: Path, *, sha256: str) -> None:
    """Check every file of a checkpoint. Raises FileNotFoundError and `CheckpointDamaged`."""
    for name, digest in read_manifest(folder, sha256=sha256)["files"].items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise CheckpointDamaged(f"a file of the checkpoint cannot be read: {error}") from error
        if found != digest:
            raise CheckpointDamaged(f"{name} has been changed")
