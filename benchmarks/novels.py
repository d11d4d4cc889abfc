"""The novels of the shared corpus, and which five of them no writer in a benchmark has read."""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("CORPUS", Path(__file__).parents[2] / "shared" / "corpus")) / "novels"
HELD_OUT = (
    "강경애_원고료_이백원",
    "김유정_동백꽃",
    "윤백남_정열의_낙랑공주",
    "이효석_도시와_유령",
    "현진건_빈처",
)


def novels() -> dict[str, str]:
    """Title → text of every work, in the order of their titles. Raises FileNotFoundError without the corpus."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
    if not found:
        raise FileNotFoundError(f"there are no novels in {FOLDER}: set CORPUS to the folder that holds them")
    return found


def learned() -> dict[str, str]:
    """The works that benchmarks learn from."""
    return {title: text for title, text in novels().items() if title not in HELD_OUT}


def held_out() -> dict[str, str]:
    """The five works that are only measured on."""
    return {title: text for title, text in novels().items() if title in HELD_OUT}
