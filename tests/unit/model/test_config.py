"""Settings refuse what makes no sense."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from model.config import ModelConfig, SampleConfig, TrainConfig
from model.records import LearningText, WriteRequest


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (ModelConfig, {"hidden": 0}),
        (ModelConfig, {"dropout": 1.0}),
        (TrainConfig, {"seconds": 0}),
        (TrainConfig, {"threads": 0}),
        (TrainConfig, {"window": 1}),
        (SampleConfig, {"temperature": 0.0}),
        (SampleConfig, {"min_p": 1.5}),
        (SampleConfig, {"echo": -1.0}),
        (SampleConfig, {"copy_limit": 8}),
        (WriteRequest, {"drafts": 0}),
        (WriteRequest, {"characters": 5}),
        (WriteRequest, {"keywords": ("가" * 41,)}),
        (WriteRequest, {"styles": {"골목": -1.0}}),
        (LearningText, {"text": "글", "style": "골목", "share": 0.0}),
    ],
)
def test_senseless_settings_are_refused(kind: Any, setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|may"):
        kind(**setting)


def test_settings_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        ModelConfig().hidden = 1  # type: ignore[misc]
