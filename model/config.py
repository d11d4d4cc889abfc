"""The writer's settings: frozen, validated, each with one line of meaning. Does not import torch."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

Precision = Literal["fp32", "int8"]


def _check(ok: bool, sentence: str) -> None:
    if not ok:
        raise ValueError(sentence)


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the network; it cannot change once a writer has learned."""

    embedding: int = 256  # numbers that stand for one character, and for one style
    hidden: int = 768  # numbers the network remembers in each layer
    layers: int = 1  # GRU layers, one on top of the other
    dropout: float = 0.3  # share of each layer's numbers left out at random while learning
    character_dropout: float = 0.1  # share of a character's numbers left out at random while learning
    tied: bool = True  # one table turns characters into numbers and numbers into scores, instead of two

    def __post_init__(self) -> None:
        _check(1 <= self.embedding <= 4096, "embedding must lie between 1 and 4096")
        _check(1 <= self.hidden <= 8192, "hidden must lie between 1 and 8192")
        _check(1 <= self.layers <= 8, "layers must lie between 1 and 8")
        for share in (self.dropout, self.character_dropout):
            _check(0.0 <= share < 1.0, "dropout must lie between 0 and 1")

    @classmethod
    def tiny(cls) -> Self:
        """A writer for tests, which learns something in two seconds."""
        return cls(embedding=24, hidden=48, dropout=0.0, character_dropout=0.0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TrainConfig:
    """One run of learning. It ends at the first of: seconds, steps, passes, early stop."""

    seconds: float = 60.0  # wall-clock budget of the run
    seed: int = 0  # fixes first weights, order of reading and dropout
    threads: int | None = None  # CPU threads; None leaves torch's own number
    steps: int | None = None  # most updates of the weights; with it a run can be repeated exactly
    passes: float = 40.0  # most times each new text is read over
    batch: int = 32  # streams of text read side by side
    window: int = 32  # characters between two updates (truncated backpropagation)
    learning_rate: float = 6e-3  # of a new writer, at its highest
    continuing_rate: float = 1e-3  # of a writer that has learned before
    keeping: float = 0.5  # of a writer that has learned before: share of its weights that stays
    weight_decay: float = 0.01
    clip: float = 1.0  # longest gradient allowed
    evaluations: int = 20  # times held-out text is measured during a run
    patience: int = 4  # measurements without improvement before an early stop

    def __post_init__(self) -> None:
        _check(self.seconds > 0, "seconds must be positive")
        _check(self.threads is None or self.threads >= 1, "threads must be 1 or more")
        _check(self.steps is None or self.steps >= 1, "steps must be 1 or more")
        _check(self.passes > 0, "passes must be positive")
        _check(self.batch >= 1 and self.window >= 2, "batch must be 1 or more, window 2 or more")
        _check(
            0 < self.learning_rate < 1 and 0 < self.continuing_rate < 1,
            "learning rates must lie between 0 and 1",
        )
        _check(0.0 <= self.keeping < 1.0, "keeping must lie between 0 and 1")
        _check(
            self.weight_decay >= 0 and self.clip > 0,
            "weight_decay must not be negative, clip must be positive",
        )
        _check(self.evaluations >= 1 and self.patience >= 1, "evaluations and patience must be 1 or more")


@dataclass(frozen=True)
class SampleConfig:
    """How boldly the writer chooses each character."""

    temperature: float = 0.9  # lower is more careful, higher more daring
    min_p: float = 0.05  # choose among characters at least this many times as likely as the likeliest
    echo: float = 1.0  # how readily words of the prompt come back; 0 leaves it to the network
    repeat_limit: int = 9  # characters in a row that a draft may repeat of itself or its prompt
    copy_limit: int = 20  # characters in a row that a draft may share with a text the writer has read
    greedy: bool = False  # always take the likeliest character
    precision: Precision = "fp32"  # of products; int8 is faster with large networks, a little coarser

    def __post_init__(self) -> None:
        _check(0.05 <= self.temperature <= 5.0, "temperature must lie between 0.05 and 5")
        _check(0.0 <= self.min_p <= 1.0, "min_p must lie between 0 and 1")
        _check(0.0 <= self.echo <= 100.0, "echo must lie between 0 and 100")
        _check(self.repeat_limit >= 4, "repeat_limit must be 4 or more")
        _check(self.copy_limit >= 9, "copy_limit must be 9 or more: shorter runs are shared by chance")
        _check(self.precision in get_args(Precision), "precision must be fp32 or int8")
