"""Reads numbers, text and plain containers out of pickles, and runs nothing that a file asks for.

A pickle is a program. The writer keeps none; the predecessor left nothing else. What torch.save wrote is
read by torch.load with weights_only, what pickle.dump wrote by the unpickler here, which knows five names.
"""

import io
import pickle
import struct
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

ZIP = b"PK\x03\x04"  # how torch.save begins a file today …
LEGACY = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")  # … and how it did before PyTorch 1.6
DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError, pickle.UnpicklingError, struct.error, zipfile.BadZipFile,
)  # fmt: skip


class PickleRefused(ValueError):
    """A pickle that is damaged, too large, or asks for more than numbers, text and plain containers."""


def read_pickled(path: Path, *, most: int) -> object:
    """What a file of at most `most` bytes holds, tensors on the CPU. Raises OSError and `PickleRefused`."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if path.stat().st_size > most:
        raise PickleRefused(f"{path.name} is larger than the {most >> 20} MiB that are read")
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings(action="ignore"):
                return _read(file)
        except Refused as error:
            raise PickleRefused(f"{path.name} {error}; nothing in it was run") from error
        except DAMAGE as error:
            raise PickleRefused(
                f"{path.name} is damaged, or holds more than numbers, text and plain containers; "
                "nothing in it was run"
            ) from error


class Refused(pickle.UnpicklingError):
    """What is wrong with a pickle, as the rest of a sentence that begins with the file's name."""


def _read(file: BinaryIO) -> object:
    head = file.read(len(LEGACY))
    file.seek(0)
    if head.startswith(ZIP):
        with zipfile.ZipFile(file) as archive:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise Refused("is compressed, which torch.save never does")
            if archive.testzip() is not None:
                raise Refused("has been changed since it was saved")
        file.seek(0)
    if head.startswith(ZIP) or head == LEGACY:
        return torch.load(file, map_location="cpu", weights_only=True)
    return PlainUnpickler(file).load()


def _storage(data: bytes) -> object:
    """A tensor's numbers, which lie in the pickle as a file of torch.save of their own."""
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _tensor(
    storage: object, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Tensor:
    """A view of a storage. Raises RuntimeError where it would reach beyond it."""
    if not isinstance(storage, torch.TypedStorage):
        raise Refused("holds a tensor without numbers")
    whole = torch.empty(0, dtype=storage.dtype).set_(storage)
    view: Tensor = whole.as_strided(size, stride, offset)
    return view


def _parameter(tensor: Tensor, *_: object) -> Tensor:
    return tensor


def _bytes(text: str, _: str) -> bytes:
    """Bytes as pickle wrote them before it had a way to."""
    return text.encode("latin-1")


KNOWN: dict[tuple[str, str], Callable[..., object]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _bytes,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
}


class PlainUnpickler(pickle._Unpickler):
    """Knows the names above and no others. The one written in Python: the one in C reserves as much memory as
    a number in the file says."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        function = KNOWN.get((module, name))
        if function is None:
            raise Refused(f"asks for {ascii(f'{module}.{name}')[1:-1]:.100}")
        return lambda *arguments: function(*arguments)  # a fresh one: pickles may set attributes

    def get_extension(self, code: int) -> Any:
        raise Refused("asks for a registered extension")
