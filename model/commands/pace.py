"""Seconds to updates: a run that can be gone on with, or repeated, must not hang on the clock."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from model.config import TrainConfig
from model.records import LearningText, Progress
from model.writer import Writer

TRIAL_SHARE = 0.03  # of the seconds, spent on the trial …
TRIAL_LEAST, TRIAL_MOST = 5, 200  # … and updates that it takes
LEARNING_LEAST = 0.5  # of the seconds, for updates; better late than nothing learned


def steps_within(writer: Writer, texts: Sequence[LearningText], config: TrainConfig) -> int:
    """How many updates fit in `config.seconds` from now on, measuring included, by a short trial.

    The writer learns from the trial: give one that is not needed again. Raises what `Writer.learn` raises.
    """
    began = time.monotonic()
    updates: list[float] = []
    measured: list[float] = []

    def enough() -> bool:
        updates.append(time.monotonic())
        long = updates[-1] - updates[0] > TRIAL_SHARE * config.seconds
        return len(updates) >= TRIAL_MOST or (long and len(updates) >= TRIAL_LEAST)

    def measuring(_: Progress) -> None:
        measured.append(time.monotonic())

    writer.learn(texts, config=replace(config, evaluations=1), stop=enough, progress=measuring)
    if len(updates) < TRIAL_LEAST:
        return TRIAL_LEAST  # the texts are so short that another limit comes first, as it did now
    update = median(after - before for before, after in pairwise(updates))
    measurement = measured[-1] - updates[-1]
    trial = time.monotonic() - began
    around = trial - (measured[-1] - updates[0])  # preparing the texts; the run itself will do that once more
    left = config.seconds - trial - around - config.evaluations * measurement
    return max(1, round(max(left, LEARNING_LEAST * config.seconds) / update))
