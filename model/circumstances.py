"""What besides checkpoint, request and seed decides the last digits of a calculation, and through them a text."""

import hashlib
import platform
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Circumstances:
    """How a writer computes: the hash of our sources, torch's version, the device, the processor and its threads."""

    code: str
    torch: str
    device: str
    processor: str
    threads: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def circumstances(device: torch.device) -> Circumstances:
    """Those of this process."""
    return Circumstances(
        code=code_hash(),
        torch=str(torch.__version__),
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        processor=f"{_processor()} {torch.backends.cpu.get_cpu_capability()}",
        threads=torch.get_num_threads(),
    )


def use_threads(number: int) -> None:
    """How many processor threads this process computes with from now on."""
    torch.set_num_threads(number)


@cache
def code_hash() -> str:
    """One hash over the sources of this package: tells which code made a checkpoint."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256("".join(f"{path.name}:{sha256(path.read_bytes())}\n" for path in sources).encode())


def sha256(data: bytes) -> str:
    """The hash in hex."""
    return hashlib.sha256(data).hexdigest()


def _processor() -> str:
    """What the processor calls itself, as far as the system tells."""
    lines = CPUINFO.read_text(encoding="utf-8").splitlines() if CPUINFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
