"""The predecessor's files become a writer that goes on exactly as its own loop did; hostile ones run nothing."""

import builtins
import copy
import io
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from model.__main__ import main
from model.config import Precision, SampleConfig, TrainConfig
from model.predecessor import PredecessorRefused, import_predecessor
from model.predecessor_writer import PredecessorWriter
from model.records import LearningText, WriteRequest
from model.tokenizer import EDGE
from model.unpickling import PickleRefused
from model.writer import Writer, load_writer

from .conftest import story

PROMPT = "할머니는 골목에서 노래를 기다렸다."
LENGTH = 300
GREEDY = SampleConfig(greedy=True)


class Gru(nn.Module):
    """The predecessor's network: embedding, GRU, linear layer, sequence first."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocabulary, embedding)
        self.gru = nn.GRU(embedding, hidden, layers)
        self.fc1 = nn.Linear(hidden, vocabulary)

    def forward(self, ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        hidden, state = self.gru(self.emb(ids), state)
        return self.fc1(hidden), state


@dataclass
class Predecessor:
    """A small predecessor and what it leaves."""

    network: Gru
    vocab: dict[str, Any]

    @torch.no_grad()
    def go_on(self, prompt: str, length: int, state: Tensor | None = None) -> tuple[str, Tensor]:
        """Its generation loop with argmax; unknown characters are number 0."""
        ids = [self.vocab["vocab_ctoi"].get(char, 0) for char in prompt]
        scores, state = self.network(torch.tensor(ids).view(-1, 1), state)
        text = ""
        for _ in range(length):
            chosen = scores[-1, 0].argmax().view(1, 1)
            text += self.vocab["vocab_itoc"][chosen.item()]
            scores, state = self.network(chosen, state)
        assert state is not None
        return text, state

    def leave(self, folder: Path) -> list[str]:
        """Saves gru_20.pkl and vocab.pkl; returns the arguments that import them to folder/out."""
        torch.save(self.network.state_dict(), folder / "gru_20.pkl")
        dump(self.vocab, folder / "vocab.pkl")
        return arguments(folder)


def arguments(folder: Path, *more: str) -> list[str]:
    return ["import", "--weights", str(folder / "gru_20.pkl"), "--vocab", str(folder / "vocab.pkl"),
            "--out", str(folder / "out"), *more]  # fmt: skip


def dump(content: object, path: Path, protocol: int = 3) -> None:
    path.write_bytes(pickle.dumps(content, protocol))


def make(entries: list[str], *, embedding: int = 20, hidden: int = 32, layers: int = 2) -> Predecessor:
    torch.manual_seed(5)
    network = Gru(len(entries), embedding, hidden, layers).eval()
    size = len(entries)
    itoc, ctoi = dict(enumerate(entries)), {text: number for number, text in enumerate(entries)}
    return Predecessor(network, {"vocab_size": size, "vocab_itoc": itoc, "vocab_ctoi": ctoi})


ENTRIES = ["<UNK>", *sorted(set(story(60, seed=1)) | set("\u200b漢"))]


@cache
def taught(embedding: int = 20, hidden: int = 32, layers: int = 2) -> Predecessor:
    """One that has learned a little, so that its text wanders instead of standing still. Tests share it."""
    old = make(ENTRIES, embedding=embedding, hidden=hidden, layers=layers)
    ids = torch.tensor([old.vocab["vocab_ctoi"][char] for char in story(60, seed=1)])
    lanes = ids[: len(ids) // 16 * 16].view(16, -1).T
    optimiser = torch.optim.Adam(old.network.parameters(), 2e-2)
    for _ in range(60):
        scores, _ = old.network(lanes[:-1], None)
        optimiser.zero_grad()
        nn.functional.cross_entropy(scores.flatten(0, 1), lanes[1:].flatten()).backward()
        optimiser.step()
    return old


@pytest.fixture
def predecessor() -> Predecessor:
    return copy.deepcopy(taught())


@pytest.fixture
def imported(predecessor: Predecessor, tmp_path: Path) -> Writer:
    predecessor.leave(tmp_path)
    import_predecessor(tmp_path / "gru_20.pkl", tmp_path / "vocab.pkl", None, tmp_path / "out")
    return load_writer(tmp_path / "out", "cpu")


def greedy(writer: Writer, prompt: str, length: int = LENGTH) -> str:
    return writer.write(WriteRequest(prompt=prompt, characters=length, sample=GREEDY))[0].text


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What a command printed, without the end of its last line."""
    return capsys.readouterr().out.removesuffix("\n")


# Going on as the predecessor did.


@pytest.mark.parametrize("shape", [(20, 32, 2), (32, 32, 2), (12, 40, 1), (16, 40, 3)])
@pytest.mark.parametrize("legacy", [False, True])
def test_the_command_goes_on_character_for_character(
    shape: tuple[int, int, int], legacy: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = taught(*shape)
    command = old.leave(tmp_path)
    torch.save(old.network.state_dict(), tmp_path / "gru_20.pkl", _use_new_zipfile_serialization=not legacy)
    assert main(command) == 0
    capsys.readouterr()
    write = ["write", "--checkpoint", str(tmp_path / "out"), "--greedy", "--characters", str(LENGTH)]
    assert main([*write, "--prompt", PROMPT, "--device", "cpu"]) == 0
    expected = old.go_on(PROMPT, LENGTH)[0]
    assert said(capsys) == expected
    assert len(set(expected)) > 12, "a text that stands still would prove little"


@pytest.mark.parametrize(
    "how", ["dump", "dump of protocol 2", "dump of protocol 4", "save", "legacy", "parameter"]
)
def test_a_hidden_state_is_gone_on_from(how: str, predecessor: Predecessor, tmp_path: Path) -> None:
    predecessor.leave(tmp_path)
    state = 3 * torch.randn(2, 1, 32)
    path = tmp_path / "hidden.pkl"
    if how.startswith("dump"):
        dump(state, path, int(how[-1]) if how[-1].isdigit() else 3)
    elif how == "parameter":
        dump(nn.Parameter(state), path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=how == "save")
    assert main(arguments(tmp_path, "--memory", str(path))) == 0
    writer = load_writer(tmp_path / "out", "cpu")
    expected = predecessor.go_on("순", LENGTH, state)[0]
    assert greedy(writer, "순") == expected
    assert expected != predecessor.go_on("순", LENGTH)[0]


def test_files_from_a_graphics_card_are_read_without_one(predecessor: Predecessor, tmp_path: Path) -> None:
    def moved(data: bytes) -> bytes:
        return data.replace(b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0")

    predecessor.leave(tmp_path)
    (tmp_path / "gru_20.pkl").write_bytes(moved(saved(predecessor.network.state_dict())))
    state = 3 * torch.randn(2, 1, 32)
    storage = Call(torch.storage._load_from_bytes, moved(saved(state._typed_storage())))
    layout = (0, (2, 1, 32), (32, 32, 1), False, OrderedDict())
    dump(Call(torch._utils._rebuild_tensor_v2, storage, *layout), tmp_path / "hidden.pkl")
    assert main(arguments(tmp_path, "--memory", str(tmp_path / "hidden.pkl"))) == 0
    writer = load_writer(tmp_path / "out", "cpu")
    assert greedy(writer, "순") == predecessor.go_on("순", LENGTH, state)[0]


def test_memory_goes_from_command_to_command_without_a_seam(
    predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(predecessor.leave(tmp_path)) == 0
    capsys.readouterr()
    write = ["write", "--checkpoint", str(tmp_path / "out"), "--greedy", "--device", "cpu"]
    memory = str(tmp_path / "memory")
    assert main([*write, "--prompt", PROMPT, "--characters", "100", "--memory-out", memory]) == 0
    first = said(capsys)
    assert main([*write, "--characters", "200", "--memory-in", memory, "--memory-out", memory]) == 0
    assert first + said(capsys) == predecessor.go_on(PROMPT, LENGTH)[0]
    state = predecessor.go_on(PROMPT, LENGTH)[1]
    assert main([*write, "--prompt", "아이는", "--characters", str(LENGTH), "--memory-in", memory]) == 0
    assert said(capsys) == predecessor.go_on("아이는", LENGTH, state)[0]


def test_unknown_characters_are_read_as_number_0_and_no_prompt_as_a_space(
    predecessor: Predecessor, imported: Writer
) -> None:
    prompt = "뷁 순이는 🙂\ufffd\x03\ue000 강가에서\t"
    assert greedy(imported, prompt) == predecessor.go_on(prompt, LENGTH)[0]
    assert greedy(imported, "") == predecessor.go_on(" ", LENGTH)[0]


@pytest.mark.parametrize("start", [["<PAD>", "<UNK>"], ["가"], ["\ufffd", "\x03", "\ue000", "</s>"]])
def test_any_vocabulary_keeps_its_spelling(start: list[str], tmp_path: Path) -> None:
    old = make([*start, *"나다라마바사아자차카타파하 ."], hidden=24)
    for weight in old.network.parameters():
        weight.data.mul_(4)  # so that every character read makes a difference
    old.leave(tmp_path)
    import_predecessor(tmp_path / "gru_20.pkl", tmp_path / "vocab.pkl", None, tmp_path / "out")
    writer = load_writer(tmp_path / "out", "cpu")
    prompts = [f"나다 {char}" for char in "힣\ufffd\x03\ue000\ue001가나다라마바사아자차카타파하"]
    expected = [old.go_on(prompt, 40)[0] for prompt in prompts]
    assert [greedy(writer, prompt, 40) for prompt in prompts] == expected
    assert len(set(expected)) > 10
    assert any(text in "".join(expected) for text in start)


def test_the_vocabulary_may_be_lists(predecessor: Predecessor, tmp_path: Path) -> None:
    predecessor.leave(tmp_path)
    dump(OrderedDict(vocab_size=len(ENTRIES), vocab_itoc=ENTRIES, vocab_ctoi=ENTRIES), tmp_path / "vocab.pkl")
    assert main(arguments(tmp_path)) == 0
    assert greedy(load_writer(tmp_path / "out"), PROMPT) == predecessor.go_on(PROMPT, LENGTH)[0]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_prompts_side_by_side_are_gone_on_from_as_each_by_itself(
    precision: Precision, predecessor: Predecessor, imported: PredecessorWriter
) -> None:
    imported.read("할머니는 감자를 잃어버렸다.")
    prompts = [PROMPT, "", "아이는 강가에서 노래를"]
    together, nats, state = imported.go_on(prompts, 60, precision)
    for number, prompt in enumerate(prompts):
        alone, cost, after = imported.go_on([prompt], 60, precision)
        assert alone == [together[number]]
        assert cost == pytest.approx([nats[number]])
        assert torch.allclose(after[:, 0], state[:, number], atol=1e-5)
    assert len(set(together)) == len(prompts)
    if precision == "fp32":
        memory = imported._memory
        assert together[0] == predecessor.go_on(PROMPT, 60, memory)[0]


# A writer among writers.


def test_a_checkpoint_has_no_pickle_in_it_and_the_same_files_give_the_same_hash(
    predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = predecessor.leave(tmp_path)
    assert main(command) == 0
    digest = said(capsys)
    names = {"memory.safetensors", "weights.safetensors", "windows.safetensors", "writer.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    load_writer(tmp_path / "out", sha256=digest)
    assert main([*command[:-1], str(tmp_path / "again")]) == 0
    assert said(capsys) == digest


@pytest.mark.training
def test_it_learns_writes_scores_and_remembers(imported: Writer, tmp_path: Path) -> None:
    passage = "왕뚜껑 김뢰하 씨는 쑥떡을 훔쳤다. 쑥떡은 말이 없었다. 왕뚜껑도 말이 없었다.\n" * 3
    texts = [LearningText(passage, "이야기")]
    before = imported.score(passage)
    config = TrainConfig(
        seconds=60, steps=120, learning_rate=1e-5, continuing_rate=1e-2, keeping=0.0, threads=1
    )
    report = imported.learn(texts, config=config)
    assert imported.score(passage) < before - 2.0
    assert report.vocabulary_added > 5
    drafts = imported.write(WriteRequest(prompt=PROMPT, characters=100, drafts=2, keywords=("우산",)))
    assert all("우산" in draft.text and 80 < len(draft.text) < 120 for draft in drafts)
    imported.read("고양이는 시장에서 우산을 기다렸다.")
    imported.save(tmp_path / "next", parent="one", texts=texts)
    loaded = load_writer(tmp_path / "next", "cpu")
    request = WriteRequest(prompt=PROMPT, characters=60, seed=3)
    assert loaded.write(request) == imported.write(request)
    assert greedy(loaded, PROMPT) == greedy(imported, PROMPT)
    assert loaded.save(tmp_path / "same", parent="one", texts=texts) == imported.save(
        tmp_path / "saved", parent="one", texts=texts
    )


def test_the_edge_of_a_text_is_not_written_however_likely(
    predecessor: Predecessor, imported: PredecessorWriter
) -> None:
    imported._network.bias.data[EDGE] = 100.0
    assert greedy(imported, PROMPT) == predecessor.go_on(PROMPT, LENGTH)[0]


def test_greedy_drafts_are_alike_and_leave_the_memory(imported: Writer) -> None:
    request = WriteRequest(prompt=PROMPT, characters=50, drafts=3, sample=GREEDY)
    drafts = imported.write(request)
    assert len({draft.text for draft in drafts}) == 1
    assert imported.write(replace(request, seed=9))[0].text == drafts[0].text
    assert drafts[0].measurements["bits_per_character"] > 0


# What is refused.


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function: Callable[..., Any], *values: object) -> None:
        self.parts = (function, values)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.parts

    def __call__(self) -> None:
        """Only so that pickle takes what comes of a call for something that can be called."""


def hostile(trap: Path) -> dict[str, object]:
    """Objects that would leave a file behind if a pickle of them ran."""
    touch = f"open({str(trap)!r}, 'w').close()"
    return {
        "os.system": Call(os.system, f"touch {trap}"),
        "builtins.eval": Call(builtins.eval, touch),
        "builtins.exec": Call(builtins.exec, touch),
        "a chain of getattr": Call(Call(getattr, Call(__import__, "os"), "system"), f"touch {trap}"),
        "io.open": Call(open, str(trap), "w"),
        "a pickle in a pickle": Call(pickle.loads, pickle.dumps(Call(os.system, f"touch {trap}"))),
        "a pickle in a storage": Call(
            torch.storage._load_from_bytes, pickle.dumps(Call(os.system, f"touch {trap}"))
        ),
        "torch.save in a storage": Call(
            torch.storage._load_from_bytes, saved(Call(os.system, f"touch {trap}"))
        ),
    }


def saved(content: object, *, legacy: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


class Persistent(pickle.Pickler):
    """Puts a hostile object where torch.save puts the name of a storage."""

    met = False

    def persistent_id(self, thing: object) -> object:
        if self.met or not isinstance(thing, Call):
            return None
        self.met = True
        return ("storage", thing, "0", "cpu", 1)


def zipped(data: bytes) -> bytes:
    """A file like those of torch.save, with a pickle of our own in it."""
    whole = io.BytesIO(saved({"emb.weight": torch.zeros(2)}, legacy=False))
    made = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, data if entry.filename.endswith("data.pkl") else old.read(entry))
    return made.getvalue()


NAMES = sorted(hostile(Path("trap")))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["weights", "vocab", "memory"])
@pytest.mark.parametrize(
    "form", ["pickle", "protocol 0", "zip", "legacy", "persistent id", "zipped persistent id"]
)
def test_a_hostile_pickle_is_refused_and_runs_nothing(
    name: str,
    role: str,
    form: str,
    predecessor: Predecessor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trap = tmp_path / "trap"
    thing = hostile(trap)[name]
    predecessor.leave(tmp_path)
    dump(torch.zeros(2, 1, 32), tmp_path / "hidden.pkl")
    buffer = io.BytesIO()
    if form.endswith("persistent id"):
        Persistent(buffer, 2).dump({"emb.weight": thing})
        data = zipped(buffer.getvalue()) if form.startswith("zipped") else buffer.getvalue()
    elif form in ("zip", "legacy"):
        data = saved({"emb.weight": thing}, legacy=form == "legacy")
    else:
        data = pickle.dumps({"vocab_size": thing}, 0 if form == "protocol 0" else 4)
    path = tmp_path / {"weights": "gru_20.pkl", "vocab": "vocab.pkl", "memory": "hidden.pkl"}[role]
    path.write_bytes(data)
    assert main(arguments(tmp_path, "--memory", str(tmp_path / "hidden.pkl"))) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert path.name in error
    assert "nothing in it was run" in error
    assert not trap.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_traps_do_work(name: str, tmp_path: Path) -> None:
    with suppress(RuntimeError, TypeError):
        pickle.loads(pickle.dumps(hostile(tmp_path / "trap")[name]))  # noqa: S301
    assert (tmp_path / "trap").exists()


@pytest.mark.parametrize("role", ["gru_20.pkl", "vocab.pkl", "hidden.pkl", "legacy"])
def test_a_cut_file_is_refused(role: str, predecessor: Predecessor, tmp_path: Path) -> None:
    predecessor.leave(tmp_path)
    dump(torch.zeros(2, 1, 32), tmp_path / "hidden.pkl")
    path = tmp_path / role.replace("legacy", "gru_20.pkl")
    whole = saved(predecessor.network.state_dict()) if role == "legacy" else path.read_bytes()
    for end in [0, 1, 2, 15, 40, *range(100, len(whole), len(whole) // 12), len(whole) - 1]:
        path.write_bytes(whole[:end])
        with pytest.raises(PickleRefused, match=path.name):
            import_predecessor(
                tmp_path / "gru_20.pkl", tmp_path / "vocab.pkl", tmp_path / "hidden.pkl", tmp_path / "out"
            )
    assert not (tmp_path / "out").exists()


def test_a_changed_byte_in_a_zip_is_noticed(
    predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = predecessor.leave(tmp_path)
    data = bytearray((tmp_path / "gru_20.pkl").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "gru_20.pkl").write_bytes(data)
    assert main(command) == 1
    assert "changed" in capsys.readouterr().err


def test_a_zip_that_lost_bytes_inside_is_refused(predecessor: Predecessor, tmp_path: Path) -> None:
    predecessor.leave(tmp_path)
    data = (tmp_path / "gru_20.pkl").read_bytes()
    for at in range(0, len(data), len(data) // 30):
        (tmp_path / "gru_20.pkl").write_bytes(data[:at] + data[at + 7 :])
        with pytest.raises(PickleRefused, match=r"gru_20\.pkl"):
            import_predecessor(tmp_path / "gru_20.pkl", tmp_path / "vocab.pkl", None, tmp_path / "out")


def test_a_file_too_large_or_compressed_is_refused(
    predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = predecessor.leave(tmp_path)
    with (tmp_path / "vocab.pkl").open("ab") as file:
        file.truncate((64 << 20) + 1)
    assert main(command) == 1
    assert "larger" in capsys.readouterr().err
    predecessor.leave(tmp_path)
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(tmp_path / "gru_20.pkl") as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    (tmp_path / "gru_20.pkl").write_bytes(packed.getvalue())
    assert main(command) == 1
    assert "compressed" in capsys.readouterr().err


Change = Callable[[dict[str, Tensor]], object]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop("fc1.bias"), "has no fc1.bias"),
        (lambda w: w.pop("emb.weight"), "has no emb.weight"),
        (lambda w: w.pop("gru.weight_hh_l1"), "has no gru.weight_hh_l1"),
        (lambda w: w.update({"gru.weight_ih_l0_reverse": torch.zeros(96, 20)}), "weight_ih_l0_reverse"),
        (lambda w: w["gru.weight_hh_l1"].__setitem__((0, 0), float("nan")), "not finite"),
        (lambda w: w["fc1.bias"].__setitem__(0, float("inf")), "not finite"),
        (lambda w: w.update({"gru.bias_ih_l0": torch.zeros(95)}), "gru.bias_ih_l0"),
        (lambda w: w.update({"fc1.weight": torch.zeros(len(ENTRIES), 31)}), "fc1.weight"),
        (lambda w: w.update({"emb.weight": torch.zeros(len(ENTRIES) + 1, 20)}), "vocabulary"),
        (lambda w: w.update({"emb.weight": torch.zeros(20)}), "emb.weight"),
        (lambda w: w.update({"emb.weight": torch.zeros(1).expand(9_000, 9_000)}), "larger than the file"),
        (lambda w: w.update({"emb.weight": torch.zeros(len(ENTRIES), 20, dtype=torch.int64)}), "emb.weight"),
        (lambda w: w.update({"emb.weight": "text"}), "emb.weight"),
        (lambda w: w.clear(), "not a table"),
        (lambda w: w.update({"two\nlines": torch.zeros(1)}), "two\\nlines"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_refused(
    change: Change, said: str, predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = predecessor.leave(tmp_path)
    weights = predecessor.network.state_dict()
    change(weights)
    torch.save(weights, tmp_path / "gru_20.pkl")
    assert main(command) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "gru_20.pkl" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v.pop("vocab_ctoi"), "has no vocab_ctoi"),
        (lambda v: v.update(vocab_size=v["vocab_size"] + 1), "number"),
        (lambda v: v.update(vocab_size="many"), "number"),
        (lambda v: v.update(vocab_itoc="letters"), "number"),
        (lambda v: v["vocab_itoc"].pop(3), "number"),
        (lambda v: v["vocab_itoc"].update({3: 7}), "not a character"),
        (lambda v: v["vocab_itoc"].update({3: "\ud800"}), "not a character"),
        (lambda v: v["vocab_ctoi"].update({"가": 3}), "match"),
        (lambda v: v["vocab_ctoi"].update({"<UNK>": torch.zeros(2)}), "match"),
        (lambda v: v.update(vocab_ctoi=7), "match"),
        (lambda v: v.update(vocab_itoc=[*ENTRIES[1:], "가가"]), "match"),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_refused(
    change: Callable[[dict[str, Any]], object], said: str, predecessor: Predecessor, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    change(predecessor.vocab)
    assert main(predecessor.leave(tmp_path)) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "vocab.pkl" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "memory",
    [
        torch.zeros(2, 32),
        torch.zeros(2, 8, 32),
        torch.zeros(1, 1, 32),
        torch.full((2, 1, 32), torch.nan),
        "text",
        [],
    ],
)
def test_a_memory_that_does_not_fit_is_refused(
    memory: object, predecessor: Predecessor, tmp_path: Path
) -> None:
    predecessor.leave(tmp_path)
    dump(memory, tmp_path / "hidden.pkl")
    with pytest.raises(PredecessorRefused, match="hidden"):
        import_predecessor(
            tmp_path / "gru_20.pkl", tmp_path / "vocab.pkl", tmp_path / "hidden.pkl", tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_missing_files_and_a_place_that_is_taken_are_said(
    predecessor: Predecessor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path)) == 1
    assert "vocab.pkl" in capsys.readouterr().err
    command = predecessor.leave(tmp_path)
    (tmp_path / "out").mkdir()
    assert main(command) == 1
    assert "already" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
