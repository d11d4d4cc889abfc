"""What goes into a writer and what comes out: plain values. Does not import torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, Self

from model.config import SampleConfig

Role = Literal["new", "rehearsal"]


@dataclass(frozen=True)
class LearningText:
    """A text to learn, its style (a name: the novel or the author) and its share of the reading.

    Shares are relative to each other. A rehearsal text was learned before and is mixed in so that it
    is not forgotten.
    """

    text: str
    style: str
    share: float = 1.0
    role: Role = "new"

    def __post_init__(self) -> None:
        if not self.share > 0:
            raise ValueError("a text's share must be positive")


@dataclass(frozen=True)
class Progress:
    """Where a run stands: losses are bits per character; fraction goes from 0 to 1; characters were read, some of
    them again and again. The held-out loss is None where it is not measured."""

    step: int
    seconds: float
    fraction: float
    training_loss: float
    validation_loss: float | None
    characters: int = 0


@dataclass(frozen=True)
class HeldOut:
    """Bits per character on a part of one style's text that is never learned, before and after a run."""

    style: str
    role: Role
    characters: int
    before: float
    after: float


@dataclass(frozen=True)
class LearningReport:
    """What a run did. `stopped` tells why it ended: seconds, steps, passes, early or asked."""

    curve: tuple[Progress, ...]
    held_out: tuple[HeldOut, ...]
    steps: int
    seconds: float
    characters_read: int
    characters_new: int
    vocabulary: int
    vocabulary_added: int
    device: str
    seed: int
    stopped: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def repeatable(self) -> dict[str, Any]:
        """The same without the clock's times: what a run by steps gives again, whoever was in its way."""
        values = self.to_json()
        del values["seconds"]
        for point in values["curve"]:
            del point["seconds"]
        return values


@dataclass(frozen=True)
class WriteRequest:
    """What to write: continue `prompt` with about `characters` characters, `drafts` times.

    Every keyword appears in every draft, which may grow longer where there are many. `styles` blends the styles learned, by shares; empty
    means none in particular.
    """

    prompt: str = ""
    characters: int = 300
    drafts: int = 1
    keywords: Sequence[str] = ()
    seed: int = 0
    styles: Mapping[str, float] = field(default_factory=dict)
    sample: SampleConfig = field(default_factory=SampleConfig)

    def __post_init__(self) -> None:
        if not 1 <= self.drafts <= 64:
            raise ValueError("drafts must lie between 1 and 64")
        if not 20 <= self.characters <= 20_000:
            raise ValueError("characters must lie between 20 and 20000")
        if len(self.keywords) > 20 or any(len(word) > 40 for word in self.keywords):
            raise ValueError("there may be 20 keywords of 40 characters at most")
        if any(share < 0 for share in self.styles.values()):
            raise ValueError("shares of styles must not be negative")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The request that was kept. Settings that this version does not know any more are left out."""
        sample = SampleConfig(**_known(SampleConfig, values["sample"]))
        return cls(**{**_known(cls, values), "keywords": tuple(values["keywords"]), "sample": sample})


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


@dataclass(frozen=True)
class Written:
    """One draft, the seed that gives it again, and what was measured of it."""

    text: str
    seed: int
    keywords_found: tuple[str, ...]
    measurements: dict[str, float]


class LearningRefused(ValueError):
    """Texts nothing can be learned from: a stable `code` and a Korean sentence for people."""

    MESSAGES: ClassVar = {
        "too-short": "배우기에는 글이 너무 짧아요. %(least)s자 이상이 필요해요.",
        "too-long": "글이 너무 길어요. 한 번에 %(most)s자까지 배울 수 있으니 나누어 배우게 해 주세요.",
        "monotonous": "같은 글자만 되풀이되어 배울 것이 없어요. 다른 글을 골라 주세요.",
    }

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.message = self.MESSAGES[code]
        self.params = params
        super().__init__(self.message % params)


class LossNotFinite(ArithmeticError):
    """The loss became NaN or infinite; the writer is left as it was before the run."""

    code = "loss-not-finite"
    message = "배우던 중 계산이 어긋나 멈추었어요. 이전의 두뇌는 그대로예요."

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"the loss at step {step} is not a finite number")
