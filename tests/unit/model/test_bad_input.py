"""What people and machines hand the writer by mistake: one clear sentence, and nothing that was there is lost."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import model
from model.__main__ import main
from model.checkpoint import load_checkpoint, save_checkpoint
from model.commands.learning import UNFINISHED
from model.commands.options import FILE_MOST
from model.config import ModelConfig
from model.corpus import MOST_CHARACTERS, check_amount
from model.records import LearningRefused, LearningText
from model.seal import read_manifest, verify
from model.snapshot import RunInterrupted, Snapshots
from model.writer import load_writer, new_writer

from .conftest import BRIEF_MODEL, story

pytestmark = pytest.mark.usefixtures("brief_samples")

ROOT = Path(model.__file__).parents[1]
COMMAND = [sys.executable, "-c", f"{BRIEF_MODEL}sys.exit(main(sys.argv[1:]))"]
NOBODY = 65_534
PAGE = 4_096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A text, and a tiny writer that has learned nothing, its checkpoint named 'good'."""
    (tmp_path / "골목.txt").write_text(story(180, seed=1), encoding="utf-8")
    new_writer(ModelConfig.tiny(), seed=7, device="cpu").save(tmp_path / "good", parent=None, texts=[])
    return tmp_path


def learning(folder: Path, *more: str, text: str = "골목.txt", source: str = "good") -> list[str]:
    return ["learn", str(folder / text), "--from", str(folder / source), "--out", str(folder / "out"),
            "--steps", "30", "--threads", "1", "--device", "cpu", *more]  # fmt: skip


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a refused command says; it prints nothing else and exits with 1."""
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return one_line(said.err)


def one_line(error: str) -> str:
    assert error.startswith("model: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert any("가" <= char <= "힣" for char in error), "it is said in Korean too"
    return error


def untouched(folder: Path) -> None:
    """The good checkpoint is whole, and nothing is left of a run that was refused."""
    verify(folder / "good", sha256=read_manifest(folder / "good")["seal"])
    assert not (folder / "out").exists()
    assert not (folder / f"out{UNFINISHED}").exists()


# Texts


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("비가 왔다.".encode(), "너무 짧아요"),
        (("가" * 5_000).encode(), "같은 글자만"),
        (b"", "비어"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "다른 종류의 파일"),
        (story(40, seed=1).encode()[:-1] + b"\xff\xfe", "깨진 글자"),
    ],
    ids=["short", "one character", "empty", "picture", "broken"],
)
def test_a_text_that_teaches_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    (folder / "나쁜글.txt").write_bytes(data)
    assert said in refusal(learning(folder, text="나쁜글.txt"), capsys)
    untouched(folder)


def test_fifty_megabytes_are_refused_before_they_are_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "큰글.txt").open("wb") as file:
        file.truncate(50 << 20)
    assert f"{FILE_MOST >> 20} MB" in refusal(learning(folder, text="큰글.txt"), capsys)
    evaluate = ["evaluate", "--checkpoint", str(folder / "good"), str(folder / "큰글.txt")]
    assert "너무 커요" in refusal(evaluate, capsys)
    untouched(folder)


def test_many_texts_together_have_a_limit_too() -> None:
    third = LearningText("가나다라마바사아자차" * (MOST_CHARACTERS // 30), "글")
    check_amount([third] * 3)
    with pytest.raises(LearningRefused) as refused:
        check_amount([third] * 4)
    assert refused.value.code == "too-long"


# Files


@pytest.mark.parametrize(
    ("name", "said"), [("없는글.txt", "없어요"), ("good", "폴더예요"), ("골목.txt/더", "폴더")]
)
def test_what_is_no_file_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert said in refusal(learning(folder, text=name), capsys)
    untouched(folder)


@pytest.fixture
def nobody() -> Iterator[None]:
    """Somebody who may read no more than everybody may."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(mine)


def test_a_file_that_may_not_be_read_is_refused(
    open_folder: Path, nobody: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "권한" in refusal(learning(open_folder), capsys)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into, with a text that nobody may read."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / "골목.txt").touch(0)
        yield Path(name)


def test_a_name_that_is_taken_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").write_text("내 글")
    assert "이미 있어요" in refusal(learning(folder), capsys)
    assert (folder / "out").read_text() == "내 글"


# Checkpoints


def test_no_checkpoint_is_said_plainly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "없어요" in refusal(learning(folder, source="없는두뇌"), capsys)
    assert "없어요" in refusal(["write", "--checkpoint", str(folder / "없는두뇌")], capsys)
    untouched(folder)


@pytest.mark.parametrize("name", ["weights", "memory", "windows", "writer"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.999])
def test_a_checkpoint_with_one_flipped_bit_is_refused_by_every_command(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, place: float
) -> None:
    shutil.copytree(folder / "good", folder / "bad")
    path = folder / "bad" / (f"{name}.json" if name == "writer" else f"{name}.safetensors")
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 1
    path.write_bytes(data)
    bad = ["--checkpoint", str(folder / "bad")]
    for arguments in (learning(folder, source="bad"), ["write", *bad], ["evaluate", *bad]):
        assert "손상" in refusal(arguments, capsys)
    untouched(folder)


def test_weights_that_are_no_numbers_stop_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = load_checkpoint(folder / "good")
    good.tensors["weights.safetensors"]["gru.weight_hh_l0"].fill_(torch.nan)
    save_checkpoint(folder / "nan", good.manifest, good.tensors)
    assert "계산이 어긋나" in refusal(learning(folder, source="nan"), capsys)
    untouched(folder)


# Numbers


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "-1"], ["--seed", "많이"], ["--seed", str(2**64)], ["--seconds", "0"], ["--seconds", "nan"],
        ["--seconds", "inf"], ["--steps", "0"], ["--threads", "0"], ["--threads", "100000"], ["--snapshots", "-3"],
        ["--device", "tpu"], ["--seconds", "5", "--steps", "5"], ["--from", "good", "--new"], ["--what"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_option_that_means_nothing_is_a_matter_of_usage(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["learn", str(folder / "골목.txt"), "--out", str(folder / "out"), *options])
    assert end.value.code == 2
    assert "명령을 알아듣지 못했어요" in capsys.readouterr().err
    untouched(folder)


@pytest.mark.parametrize(
    "options",
    [["--characters", "3"], ["--drafts", "100"], ["--style", "골목=-1"], ["--compare"]],
    ids=" ".join,
)
def test_so_is_one_of_writing(folder: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["write", "--checkpoint", str(folder / "good"), *options])
    assert end.value.code == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "CUDA" in refusal(["write", "--checkpoint", str(folder / "good"), "--device", "cuda"], capsys)


# A full disk


def limited(arguments: list[str], most: int) -> subprocess.CompletedProcess[str]:
    """Runs the command where no file may grow larger than so many bytes."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.training
def test_no_room_for_a_snapshot_ends_the_run_and_it_goes_on_when_there_is(folder: Path) -> None:
    done = limited(learning(folder), PAGE)
    assert done.returncode == 1
    assert "저장하지 못했어요" in one_line(done.stderr.splitlines(keepends=True)[-1])
    untouched(folder)
    assert main(learning(folder)) == 0


@pytest.mark.training
def test_no_room_for_the_checkpoint_keeps_the_snapshots(folder: Path) -> None:
    """The windows of a long text are the largest file by far, and no snapshot has them."""
    (folder / "긴글.txt").write_text(story(8_000, seed=1), encoding="utf-8")
    arguments = learning(folder, text="긴글.txt")
    done = limited(arguments, 300_000)
    assert done.returncode == 1
    assert "저장하지 못했어요" in one_line(done.stderr.splitlines(keepends=True)[-1])
    assert not (folder / "out").exists()
    assert [path.name.isdecimal() for path in (folder / f"out{UNFINISHED}").iterdir()] == [True]
    assert main(arguments) == 0
    assert not (folder / f"out{UNFINISHED}").exists()


def mounted(size: int, place: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs the command where `place` is an empty disk of so many bytes."""
    script = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", str(size), str(place), *COMMAND, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def pages(folder: Path) -> int:
    """What a folder's files take of such a disk."""
    return sum(-(-path.stat().st_size // PAGE) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def needed(folder: Path) -> tuple[int, int]:
    """Pages that a snapshot of the run takes, and its checkpoint with the report."""
    assert main(learning(folder)) == 0
    (folder / "out").rename(folder / "done")
    writer = load_writer(folder / "good", "cpu")
    with Snapshots(folder / "run") as snapshots:
        snapshots.interrupt()
        with pytest.raises(RunInterrupted):
            writer.learn([LearningText(story(180, seed=1), "골목")], snapshots=snapshots)
    return pages(folder / "run"), pages(folder / "done")


@pytest.mark.training
def test_a_full_disk_is_said_plainly_wherever_it_fills(folder: Path, needed: tuple[int, int]) -> None:
    """In the middle of the snapshot, of the checkpoint, of the report, and not at all."""
    disk = folder / "disk"
    disk.mkdir()
    if mounted(1 << 20, disk, ["--help"]).returncode:
        pytest.skip("no disk can be mounted here")
    arguments = learning(folder)
    arguments[arguments.index("--out") + 1] = str(disk / "out")
    snapshot, done = needed
    for room in (snapshot // 2, snapshot + done // 2, snapshot + done - 2):
        ended = mounted(room * PAGE, disk, arguments)
        assert ended.returncode == 1
        assert "자리가 없어" in one_line(ended.stderr.splitlines(keepends=True)[-1])
        assert ended.stdout == ""
    assert mounted((snapshot + done + 40) * PAGE, disk, arguments).returncode == 0
    verify(folder / "good", sha256=read_manifest(folder / "good")["seal"])
