"""The writer from the command line."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import model
from model.__main__ import main
from model.commands.learning import UNFINISHED
from model.config import ModelConfig
from model.seal import read_manifest, verify
from model.snapshot import Snapshots
from model.writer import BASE, load_writer, new_writer

from .conftest import BRIEF_MODEL, story

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("brief_samples")]
ROOT = Path(model.__file__).parents[1]
COMMAND = [sys.executable, "-m", "model"]
STEPS = "60"


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory, brief_samples: None) -> Path:
    """A folder with a text, a tiny writer that knows nothing (base), and one that has learned the text (one)."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "골목.txt").write_bytes(story(180, seed=1).encode("cp949"))
    new_writer(ModelConfig.tiny(), seed=7, device="cpu").save(folder / "base", parent=None, texts=[])
    assert main(learning(folder, "one", "--steps", STEPS)) == 0
    return folder


def learning(folder: Path, out: str, *more: str, source: str = "base") -> list[str]:
    """The arguments that learn the text from a tiny writer."""
    return ["learn", str(folder / "골목.txt"), "--from", str(folder / source), "--out", str(folder / out),
            "--threads", "1", "--device", "cpu", *more]  # fmt: skip


def seal(folder: Path) -> str:
    return str(read_manifest(folder)["seal"])


# learn


def test_learning_prints_the_hash_and_names_the_parent(
    learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(learning(learned, "two", "--steps", "20", source="one")) == 0
    said = capsys.readouterr()
    assert said.out == seal(learned / "two") + "\n"
    assert "골목: 헷갈림" in said.err
    first, second = (read_manifest(learned / name) for name in ("one", "two"))
    assert second["parent"] == first["seal"]
    assert second["steps"] > first["steps"]


def test_a_report_and_the_curve_lie_beside_the_checkpoint(learned: Path) -> None:
    html = (learned / "one" / "report.html").read_text(encoding="utf-8")
    assert seal(learned / "one") in html
    assert "<svg" in html
    assert "골목" in html
    curve = json.loads((learned / "one" / "curve.json").read_bytes())
    assert curve[-1]["step"] == read_manifest(learned / "one")["steps"] == int(STEPS)
    assert curve[-1]["training_loss"] < curve[0]["training_loss"]
    verify(learned / "one", sha256=seal(learned / "one"))
    assert not list(learned.glob(f"*{UNFINISHED}"))


def test_the_scores_before_and_after_are_kept(learned: Path) -> None:
    scores = load_writer(learned / "one", "cpu").scores
    assert scores is not None
    assert scores.held_out[0].bits < load_writer(learned / "base", "cpu").score(story(180, seed=1))


def test_seconds_become_updates_that_can_be_asked_for_again(learned: Path) -> None:
    assert main(learning(learned, "timed", "--seconds", "0.5")) == 0
    steps = read_manifest(learned / "timed")["steps"]
    assert main(learning(learned, "counted", "--steps", str(steps))) == 0
    weights = [(learned / name / "weights.safetensors").read_bytes() for name in ("timed", "counted")]
    assert weights[0] == weights[1]


def test_texts_too_short_for_a_trial_are_learned(learned: Path, tmp_path: Path) -> None:
    (tmp_path / "골목.txt").write_text("순이는 골목에서 우산을 기다렸다. " * 6, encoding="utf-8")
    arguments = learning(learned, "short", "--seconds", "1")
    arguments[1] = str(tmp_path / "골목.txt")
    assert main(arguments) == 0


def test_a_new_writer_needs_no_checkpoint(learned: Path) -> None:
    out = learned / "new"
    command = ["learn", str(learned / "골목.txt"), "--new", "--out", str(out), "--steps", "2"]
    assert main([*command, "--device", "cpu"]) == 0
    manifest = read_manifest(out)
    assert (manifest["parent"], manifest["steps"]) == (None, 2)


def test_what_was_read_before_may_be_rehearsed(learned: Path) -> None:
    (learned / "강가.txt").write_text(story(60, seed=2), encoding="utf-8")
    arguments = learning(learned, "rehearsed", "--steps", "5", "--rehearse", str(learned / "강가.txt"))
    assert main(arguments) == 0
    texts = read_manifest(learned / "rehearsed")["texts"]
    assert [(text["style"], text["role"]) for text in texts] == [("골목", "new"), ("강가", "rehearsal")]
    assert texts[0]["share"] > texts[1]["share"] > 0.2
    assert "강가 (되새김)" in (learned / "rehearsed" / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not BASE.is_dir(), reason="no base writer is shipped with this checkout")
def test_learning_begins_with_the_writer_that_is_shipped(learned: Path) -> None:
    out = learned / "raised"
    assert (
        main(["learn", str(learned / "골목.txt"), "--out", str(out), "--steps", "1", "--device", "cpu"]) == 0
    )
    assert read_manifest(out)["parent"] == seal(BASE)


# Stopping and going on

DOOMED = f"""{BRIEF_MODEL}
import os, signal, threading, time
from pathlib import Path
folder, step, number = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

def doom():
    while not any(int(path.name) >= step for path in folder.parent.glob(folder.name + "/[0-9]*")):
        time.sleep(0.001)
    os.kill(os.getpid(), number)

threading.Thread(target=doom, daemon=True).start()
sys.exit(main(sys.argv[4:]))
"""


def stopped(arguments: list[str], folder: Path, step: int, by: signal.Signals) -> tuple[int, str]:
    """Runs the command in a process that gets a signal once it has kept a snapshot of this update or a later one;
    returns its exit status and what it said."""
    command = [sys.executable, "-c", DOOMED, str(folder), str(step), str(int(by)), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_ctrl_c_leaves_a_snapshot_and_the_same_command_goes_on(learned: Path) -> None:
    arguments = learning(learned, "cut", "--steps", STEPS)
    unfinished = learned / f"cut{UNFINISHED}"
    status, error = stopped(arguments, unfinished, 1, signal.SIGINT)
    assert status == 130
    assert "이어서" in error
    assert "Traceback" not in error
    assert not (learned / "cut").exists()
    assert main(arguments) == 0
    assert seal(learned / "cut") == seal(learned / "one")
    assert not unfinished.exists()


@pytest.mark.parametrize("moments", [(1, 2), (27,), (50,)])
def test_a_run_killed_at_any_moment_ends_as_one_that_was_not(learned: Path, moments: tuple[int, ...]) -> None:
    """SIGKILL, with snapshots so often that most of what the run does is writing them."""
    out = "killed-" + "-".join(map(str, moments))
    arguments = learning(learned, out, "--steps", STEPS, "--snapshots", "0.02")
    for step in moments:
        status, _ = stopped(arguments, learned / f"{out}{UNFINISHED}", step, signal.SIGKILL)
        assert status == -signal.SIGKILL
        assert not (learned / out).exists()
    assert main(arguments) == 0
    assert seal(learned / out) == seal(learned / "one")


def test_two_processes_do_not_share_a_run(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Snapshots(learned / f"mine{UNFINISHED}"):
        assert main(learning(learned, "mine", "--steps", STEPS)) == 1
    error = capsys.readouterr().err
    assert "다른 곳에서" in error
    assert error.count("\n") == 1


# write


def writing(learned: Path, *more: str) -> list[str]:
    return ["write", "--checkpoint", str(learned / "one"), "--characters", "60", "--device", "cpu", *more]


def test_writing_prints_the_continuation_alone(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--keyword", "우산", "--keyword", "편지")
    assert main(writing(learned, "--prompt", "비가 왔다.", "--drafts", "3", *words)) == 0
    drafts = capsys.readouterr().out.rstrip("\n").split("\n---\n")
    assert len(drafts) == 3
    assert all("우산" in draft and "편지" in draft and "비가 왔다." not in draft for draft in drafts)


def test_as_json_a_draft_brings_its_seed_and_what_was_measured(
    learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(writing(learned, "--seed", "5", "--json")) == 0
    (draft,) = json.loads(capsys.readouterr().out)
    assert draft["seed"] == 5
    assert draft["measurements"]["characters"] == len(draft["text"])
    assert "without_keywords" not in draft


def test_a_pair_shows_what_the_keyword_did(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ("--keyword", "우주선", "--compare", "--seed", "4")
    assert main(writing(learned, *pair, "--json")) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert "우주선" in row["text"]
    assert "우주선" not in row["without_keywords"]["text"]
    assert main(writing(learned, "--seed", "4", "--plain")) == 0
    assert capsys.readouterr().out == row["without_keywords"]["text"] + "\n"
    assert main(writing(learned, *pair)) == 0
    assert capsys.readouterr().out.split("\n---\n") == [
        row["text"],
        row["without_keywords"]["text"] + "\n",
    ]


def test_at_a_terminal_drafts_have_headings(
    learned: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(writing(learned, "--keyword", "우산", "--compare", "--seed", "9")) == 0
    shown = capsys.readouterr().out
    assert "[1. 낱말: 우산 · 씨앗 9" in shown
    assert "[1. 낱말 없이 · 씨앗 9" in shown


def test_a_style_is_one_that_was_learned(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(writing(learned, "--style", "골목=2")) == 0
    assert capsys.readouterr().out.strip()
    with pytest.raises(SystemExit) as end:
        main(writing(learned, "--style", "바다"))
    assert end.value.code == 2
    assert "골목" in capsys.readouterr().err


def test_memory_goes_from_command_to_command(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    memory = learned / "memory"
    base = writing(learned, "--greedy", "--prompt", "비가 왔다.")
    assert main([*base, "--memory-out", str(memory)]) == 0
    fresh = capsys.readouterr().out
    assert main([*base, "--memory-in", str(memory)]) == 0
    assert memory.stat().st_size > 100
    assert capsys.readouterr().out.strip()
    assert main(base) == 0
    assert capsys.readouterr().out == fresh


# evaluate


def evaluated(learned: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert main(["evaluate", "--checkpoint", str(learned / "one"), *more, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_evaluating_measures_surprise_and_originality(
    learned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "새글.txt"
    copied = story(180, seed=1)[:40]
    own.write_text(f"바닷가에 늙은 등대지기가 살고 있었습니다.\n{copied}\n", encoding="utf-8")
    read, new = evaluated(learned, capsys, str(learned / "골목.txt"), str(own), "--spans")
    assert 0 < read["bits_per_character"] < new["bits_per_character"]
    assert read["shared_share"] == 1.0
    assert 0 < new["shared_share"] < 1
    span = new["spans"][0]
    assert (span["source"], new["longest_shared_run"]) == ("골목", len("".join(copied.split())))
    assert "".join(span["text"].split()) == "".join(copied.split())


def test_evaluating_prints_a_table(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--checkpoint", str(learned / "one"), str(learned / "골목.txt")]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert "bits/char" in head
    assert "골목.txt" in row
    assert "100.0%" in row


def test_without_files_the_checkpoints_own_scores_are_shown(
    learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = evaluated(learned, capsys)
    assert scores["held_out"][0]["style"] == "골목"
    assert main(["evaluate", "--checkpoint", str(learned / "one")]) == 0
    assert "longest_copied" in capsys.readouterr().out


# As a program


def test_the_command_line_stands_without_the_web(learned: Path) -> None:
    code = (
        "import sys, model.__main__\n"
        "sys.exit(bool({'flask', 'webapp', 'workers', 'sqlalchemy', 'config'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_names_the_commands() -> None:
    done = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in ("learn", "write", "evaluate", "import"))
