"""Makes a checkpoint of the files that ko_novel_generator left: gru_N.pkl, vocab.pkl and hidden.pkl."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.char_writer import NO_STYLE
from model.config import ModelConfig
from model.network import CharGRU
from model.originality import WindowIndex
from model.predecessor_writer import PredecessorWriter
from model.tokenizer import EDGE, SPECIAL, UNKNOWN, Tokenizer
from model.unpickling import read_pickled

WEIGHTS_MOST = 2 << 30  # bytes
OTHERS_MOST = 64 << 20
VOCABULARY_MOST = 60_000
PRIVATE_USE = 0xE000  # where characters begin that mean nothing by themselves
NEVER = 10.0  # how far below the least likely character one stands that the predecessor did not have


class PredecessorRefused(ValueError):
    """Files that do not make a writer: one sentence says which and why."""


@dataclass(frozen=True)
class Vocabulary:
    """Our vocabulary, the predecessor's row behind each entry, and what the entries are spelled like that are
    not a character of their own: <UNK> and its kin."""

    entries: list[str]
    rows: list[int]
    spellings: dict[str, str]


def import_predecessor(weights: Path, vocab: Path, memory: Path | None, out: Path) -> str:
    """Writes the checkpoint and returns its sha256. Nothing is left at `out` after a refusal.

    Raises OSError, `PickleRefused` and `PredecessorRefused`.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already")
    spelled = _spelled(read_pickled(vocab, most=OTHERS_MOST), vocab.name)
    tables = _tensors(weights)
    config = _shape(tables, len(spelled), weights.name)
    writer = _writer(config, tables, translate(spelled))
    if memory is not None:
        writer.take_memory(_memory(memory, config))
    files = {"weights": weights, "vocab": vocab, **({"memory": memory} if memory else {})}
    writer.origin = {role: _digest(path) for role, path in files.items()}
    return writer.save(out, parent=None, texts=[])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _spelled(content: object, name: str) -> list[str]:
    """The predecessor's vocabulary in the order of its numbers, both of its tables telling the same."""
    parts = content if isinstance(content, Mapping) else {}
    missing = [key for key in ("vocab_size", "vocab_itoc", "vocab_ctoi") if key not in parts]
    if missing:
        raise PredecessorRefused(f"{name} has no {missing[0]}")
    itoc, ctoi, size = _by_number(parts["vocab_itoc"]), parts["vocab_ctoi"], parts["vocab_size"]
    if type(size) is not int or not 1 <= size <= VOCABULARY_MOST or list(itoc) != list(range(size)):
        raise PredecessorRefused(f"{name} does not number its characters from 0 to vocab_size - 1")
    spelled = list(itoc.values())
    if not all(isinstance(text, str) and len(text) <= 40 and _has_utf8(text) for text in spelled):
        raise PredecessorRefused(f"{name} holds something that is not a character")
    if len(set(spelled)) < size or not _is_the_inverse(ctoi, spelled):
        raise PredecessorRefused(f"{name} tells two different things: vocab_itoc and vocab_ctoi do not match")
    return spelled


def _is_the_inverse(ctoi: object, spelled: Sequence[str]) -> bool:
    """Whether a dict from text to number, or a list of texts in order, agrees with the vocabulary."""
    if not isinstance(ctoi, Mapping):
        return ctoi == spelled
    numbers = [ctoi.get(text) for text in spelled]
    return len(ctoi) == len(spelled) and all(
        type(number) is int and number == place for place, number in enumerate(numbers)
    )


def _by_number(table: object) -> dict[int, Any]:
    """A table in the order of its numbers, whether it was a dict or a list; empty if it was neither."""
    if isinstance(table, list | tuple):
        return dict(enumerate(table))
    if isinstance(table, Mapping) and all(type(key) is int for key in table):
        return dict(sorted(table.items()))
    return {}


def _has_utf8(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def translate(spelled: Sequence[str]) -> Vocabulary:
    """The predecessor's vocabulary as ours.

    It read every character that it did not know as its number 0, so that row serves as our unknown one; the
    edge of a text, which it did not have, is read like a space. Entries of several characters, and those that
    mean something special to us, get a stand-in from the private use area.
    """
    rest = list(spelled)
    unknown_is_spelled = len(rest[0]) != 1
    edge = rest.index(" ") if " " in rest else 0
    taken = {*SPECIAL, *rest}
    stand_ins = (char for char in map(chr, range(PRIVATE_USE, 0x110000)) if char not in taken)
    spellings = {SPECIAL[UNKNOWN]: rest[0]} if unknown_is_spelled else {}
    entries, rows = list(SPECIAL), [0, edge]
    for row in range(1 if unknown_is_spelled else 0, len(rest)):
        text = rest[row]
        plain = len(text) == 1 and text not in SPECIAL
        entries.append(text if plain else next(stand_ins))
        rows.append(row)
        if not plain:
            spellings[entries[-1]] = text
    return Vocabulary(entries, rows, spellings)


def _tensors(path: Path) -> dict[str, Tensor]:
    content = read_pickled(path, most=WEIGHTS_MOST)
    if not isinstance(content, Mapping) or not content:
        raise PredecessorRefused(f"{path.name} is not a table of weights")
    # A file's own words end up in the sentence of a refusal: no line breaks or escapes from there.
    named = {ascii(str(key))[1:-1]: value for key, value in content.items()}
    return {name: _numbers(value, path, name) for name, value in named.items()}


def _numbers(value: object, path: Path, what: str) -> Tensor:
    """A tensor of finite numbers no larger than the file it came from."""
    if not isinstance(value, Tensor) or value.layout != torch.strided or not value.is_floating_point():
        raise PredecessorRefused(f"{what} in {path.name} is not a tensor of numbers"[:200])
    if value.nbytes > path.stat().st_size:
        raise PredecessorRefused(f"{what} in {path.name} is larger than the file"[:200])
    numbers = value.detach().float()
    if not bool(numbers.isfinite().all()):
        raise PredecessorRefused(f"{what} in {path.name} holds numbers that are not finite"[:200])
    return numbers


def _shape(tables: Mapping[str, Tensor], vocabulary: int, name: str) -> ModelConfig:
    """The network's shape, read off its tables, every one of which must be there and fit."""
    layers = sum(bool(re.fullmatch(r"gru\.weight_ih_l\d+", key)) for key in tables)
    first, second = (tables.get(key, torch.empty(0)) for key in ("emb.weight", "gru.weight_hh_l0"))
    embedding, hidden = (table.shape[-1] if table.dim() == 2 else 0 for table in (first, second))
    shapes = {
        "emb.weight": (vocabulary, embedding),
        "fc1.weight": (vocabulary, hidden),
        "fc1.bias": (vocabulary,),
    }
    for layer in range(max(1, layers)):
        shapes[f"gru.weight_ih_l{layer}"] = (3 * hidden, hidden if layer else embedding)
        shapes[f"gru.weight_hh_l{layer}"] = (3 * hidden, hidden)
        shapes[f"gru.bias_ih_l{layer}"] = shapes[f"gru.bias_hh_l{layer}"] = (3 * hidden,)
    for key in sorted(shapes.keys() ^ tables.keys()):
        has = "has no" if key in shapes else "has more than a GRU of this kind:"
        raise PredecessorRefused(f"{name} {has} {key}"[:200])
    for key, shape in shapes.items():
        if tables[key].shape != shape:
            found = " × ".join(map(str, tables[key].shape))
            expected = " × ".join(map(str, shape))
            raise PredecessorRefused(
                f"{key} in {name} is {found}, where the vocabulary and the other tables ask for {expected}"
            )
    return ModelConfig(
        embedding=embedding, hidden=hidden, layers=layers, dropout=0.0, character_dropout=0.0, tied=False
    )


def _writer(config: ModelConfig, tables: Mapping[str, Tensor], vocabulary: Vocabulary) -> PredecessorWriter:
    rows = torch.tensor(vocabulary.rows)
    bias = tables["fc1.bias"][rows]
    # An entry made from another's row scores below that row whatever is read, so it is never the likeliest.
    bias[EDGE] = tables["fc1.bias"].min() - NEVER
    if SPECIAL[UNKNOWN] not in vocabulary.spellings:
        bias[UNKNOWN] = bias[EDGE]
    network = CharGRU(config, len(rows))
    network.load_state_dict(
        {
            "characters": tables["emb.weight"][rows],
            "outputs": tables["fc1.weight"][rows],
            "bias": bias,
            "styles": torch.zeros(1, config.embedding),
            **{key: table for key, table in tables.items() if key.startswith("gru.")},
        }
    )
    writer = PredecessorWriter(
        network, Tokenizer(vocabulary.entries), [NO_STYLE], WindowIndex(), network.blank_state(1)
    )
    writer.spellings = vocabulary.spellings
    return writer


def _memory(path: Path, config: ModelConfig) -> Tensor:
    memory = _numbers(read_pickled(path, most=OTHERS_MOST), path, "the memory")
    if memory.shape != (config.layers, 1, config.hidden):
        found = " × ".join(map(str, memory.shape))
        raise PredecessorRefused(
            f"the memory in {path.name} is {found}, where the weights ask for {config.layers} × 1 × {config.hidden}"
        )
    return memory
