"""A checkpoint: a folder with weights.safetensors, memory.safetensors, windows.safetensors and writer.json.

writer.json holds the hash of every other file and, as its `seal`, the hash of itself without the seal;
the seal is the checkpoint's sha256. A checkpoint appears under its name complete or not at all.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from model.seal import MANIFEST, CheckpointDamaged, read_manifest, seal

__all__ = [
    "Checkpoint",
    "CheckpointDamaged",
    "load_checkpoint",
    "load_tensors",
    "save_checkpoint",
    "save_tensors",
    "sync_folder",
    "write_file",
]

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds: the manifest and, by file, the tensors."""

    manifest: dict[str, Any]
    tensors: dict[str, dict[str, Tensor]]


def save_checkpoint(
    folder: Path, manifest: Mapping[str, Any], tensors: Mapping[str, Mapping[str, Tensor]]
) -> str:
    """Writes a checkpoint and returns its sha256. Raises FileExistsError if the folder is there already."""
    if folder.exists():
        raise FileExistsError(f"{folder} is there already; a checkpoint is never overwritten")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    temporary.mkdir()
    try:
        files = {}
        for name, content in tensors.items():
            data = _to_bytes(content)
            files[name] = hashlib.sha256(data).hexdigest()
            write_file(temporary / name, data)
        sealed = {**manifest, "format": FORMAT, "files": files}
        sealed["seal"] = seal(sealed)
        write_file(temporary / MANIFEST, json.dumps(sealed, ensure_ascii=False, indent=1).encode("utf-8"))
        sync_folder(temporary)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync_folder(folder.parent)
    return str(sealed["seal"])


def load_checkpoint(folder: Path, *, sha256: str | None = None) -> Checkpoint:
    """Reads and verifies a checkpoint; with `sha256`, also that it is that very one.

    Raises FileNotFoundError if there is no such folder, and `CheckpointDamaged`.
    """
    manifest = read_manifest(folder, sha256=sha256)
    if manifest["format"] != FORMAT:
        raise CheckpointDamaged(f"format {manifest['format']} is not one this version reads")
    try:
        tensors = {
            name: load_tensors(folder / name, sha256=digest) for name, digest in manifest["files"].items()
        }
    except OSError as error:
        raise CheckpointDamaged(f"a file of the checkpoint cannot be read: {error}") from error
    return Checkpoint(manifest, tensors)


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Writes one file of tensors: under a temporary name, then renamed over what was there."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write_file(temporary, _to_bytes(tensors))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_tensors(path: Path, *, sha256: str | None = None) -> dict[str, Tensor]:
    """Reads one file of tensors; with `sha256`, verifies it. Raises OSError and `CheckpointDamaged`."""
    data = path.read_bytes()
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise CheckpointDamaged(f"{path.name} has been changed")
    try:
        return load(data)
    except SafetensorError as error:
        raise CheckpointDamaged(f"{path.name} holds no tensors: {error}") from error


def _to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def write_file(path: Path, data: bytes) -> None:
    """Writes a file whose content outlives a power cut; so does its name once its folder is synced."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Lets the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
