"""The writer from the command line."""

import json
from pathlib import Path

import pytest

from model.__main__ import main

from .conftest import story


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "골목.txt").write_bytes(story(120, seed=1).encode("cp949"))
    arguments = ["learn", str(folder / "골목.txt"), "--seconds", "1", "--threads", "1", "--device", "cpu"]
    assert main([*arguments, "--out", str(folder / "one")]) == 0
    return folder


def test_learning_prints_the_hash_and_fine_tuning_names_its_parent(
    learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "learn",
        str(learned / "골목.txt"),
        "--from",
        str(learned / "one"),
        "--out",
        str(learned / "two"),
    ]
    assert main([*arguments, "--seconds", "0.5", "--threads", "1"]) == 0
    first, second = (json.loads((learned / name / "writer.json").read_bytes()) for name in ("one", "two"))
    assert capsys.readouterr().out == second["seal"] + "\n"
    assert (first["parent"], second["parent"]) == (None, first["seal"])
    assert second["steps"] > first["steps"]


def test_writing_prints_the_continuation_alone(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "write",
        "--checkpoint",
        str(learned / "one"),
        "--prompt",
        "비가 왔다.",
        "--characters",
        "60",
    ]
    assert main([*arguments, "--drafts", "3", "--keyword", "우산", "--keyword", "편지"]) == 0
    drafts = capsys.readouterr().out.rstrip("\n").split("\n---\n")
    assert len(drafts) == 3
    assert all("우산" in draft and "편지" in draft and "비가 왔다." not in draft for draft in drafts)


def test_memory_goes_from_command_to_command(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    memory = learned / "memory"
    base = ["write", "--checkpoint", str(learned / "one"), "--characters", "60", "--greedy"]
    assert main([*base, "--prompt", "비가 왔다.", "--memory-out", str(memory)]) == 0
    fresh = capsys.readouterr().out
    assert main([*base, "--prompt", "비가 왔다.", "--memory-in", str(memory)]) == 0
    assert memory.stat().st_size > 100
    assert capsys.readouterr().out.strip()
    assert main([*base, "--prompt", "비가 왔다."]) == 0
    assert capsys.readouterr().out == fresh


def test_evaluating_prints_a_table_or_json(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "--checkpoint", str(learned / "one"), str(learned / "골목.txt")]
    assert main([*arguments, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {"file", "characters", "bits_per_character"}
    assert 0 < row["bits_per_character"] < 8
    assert main(arguments) == 0
    assert "골목.txt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["write", "--checkpoint", "없는곳"], "no checkpoint"),
        (["evaluate", "--checkpoint", "{learned}/one", "{learned}/없는글.txt"], "없는글"),
        (["learn", "{learned}/골목.txt", "--out", "{learned}/one"], "already"),
        (["write", "--checkpoint", "{learned}/one", "--characters", "3"], "characters"),
    ],
)
def test_a_refusal_is_one_line(
    learned: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main([argument.format(learned=learned) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
