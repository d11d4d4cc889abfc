"""A checkpoint is whole and what was saved, or it is refused."""

import json
from pathlib import Path

import pytest
import torch

from model.checkpoint import CheckpointDamaged, load_checkpoint, load_tensors, save_checkpoint, save_tensors

TENSORS = {
    "weights.safetensors": {"a": torch.arange(6.0).reshape(2, 3).T},
    "memory.safetensors": {"memory": torch.ones(2)},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path / "one", {"kind": "test", "이름": "작가"}, TENSORS)
    return tmp_path / "one"


def test_what_was_saved_comes_back(folder: Path) -> None:
    checkpoint = load_checkpoint(folder)
    assert checkpoint.manifest["이름"] == "작가"
    assert torch.equal(checkpoint.tensors["weights.safetensors"]["a"], TENSORS["weights.safetensors"]["a"])
    assert sorted(path.name for path in folder.parent.iterdir()) == ["one"], "nothing temporary stays"


def test_the_same_content_has_the_same_hash_and_other_content_another(tmp_path: Path) -> None:
    first = save_checkpoint(tmp_path / "a", {"kind": "test"}, TENSORS)
    assert save_checkpoint(tmp_path / "b", {"kind": "test"}, TENSORS) == first
    assert save_checkpoint(tmp_path / "c", {"kind": "other"}, TENSORS) != first
    load_checkpoint(tmp_path / "a", sha256=first)
    with pytest.raises(CheckpointDamaged, match="not"):
        load_checkpoint(tmp_path / "c", sha256=first)


@pytest.mark.parametrize("name", ["weights.safetensors", "memory.safetensors", "writer.json"])
def test_a_changed_cut_or_missing_file_is_noticed(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    for damaged in (whole[:-3], whole.replace(b"e", b"f", 1), b""):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointDamaged):
            load_checkpoint(folder)
    path.unlink()
    with pytest.raises(CheckpointDamaged):
        load_checkpoint(folder)


def test_a_later_format_is_refused_by_name(folder: Path) -> None:
    manifest = json.loads((folder / "writer.json").read_bytes())
    manifest["format"] = 99
    (folder / "writer.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointDamaged, match="changed"):
        load_checkpoint(folder)


def test_a_checkpoint_is_never_overwritten(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        save_checkpoint(folder, {}, {})
    load_checkpoint(folder)


def test_a_save_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        save_checkpoint(tmp_path / "one", {"kind": object()}, TENSORS)
    assert list(tmp_path.iterdir()) == []


def test_no_folder_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        load_checkpoint(tmp_path / "none")


def test_one_file_of_tensors_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "memory.safetensors"
    save_tensors(path, {"memory": torch.zeros(2)})
    save_tensors(path, {"memory": torch.ones(2)})
    assert load_tensors(path)["memory"].tolist() == [1.0, 1.0]
    path.write_bytes(b"nothing")
    with pytest.raises(CheckpointDamaged, match="no tensors"):
        load_tensors(path)
