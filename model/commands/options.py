"""Options that several commands share, and what they may hold."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from model.text import decode, tidy
from model.writer import BASE

FILE_MOST = 16 << 20  # bytes of a text file; more would be read for minutes, and no novel is as long


class Parser(argparse.ArgumentParser):
    """Says in Korean that a command was not understood, then what argparse found."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"model: 명령을 알아듣지 못했어요. ({message})\n")


class TextTooLarge(ValueError):
    """A file that is larger than any novel."""


def read_text(path: Path) -> str:
    """The clean text of a file. Raises OSError, `TextTooLarge` and `UnreadableText`."""
    with path.open("rb") as file:
        data = file.read(FILE_MOST + 1)
    if len(data) > FILE_MOST:
        raise TextTooLarge(f"{path} is larger than {FILE_MOST >> 20} MiB")
    return tidy(decode(data).text)


def whole(least: int, most: int) -> Callable[[str], int]:
    """An argparse type: a whole number between two others, both included."""

    def number(written: str) -> int:
        try:
            value = int(written)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"{written!r}: {least}부터 {most}까지의 정수여야 해요 (a whole number from {least} to {most})"
            )
        return value

    return number


def amount(most: float) -> Callable[[str], float]:
    """An argparse type: a number above 0 and at most another."""

    def number(written: str) -> float:
        try:
            value = float(written)
        except ValueError:
            value = -1.0
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(
                f"{written!r}: 0보다 크고 {most:g}보다 크지 않은 수여야 해요 (a number above 0, at most {most:g})"
            )
        return value

    return number


def add_checkpoint(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--checkpoint", type=Path, default=BASE, metavar="DIR", help="default: the writer that is shipped"
    )


def add_seed(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", type=whole(0, 2**63 - 1), default=0, help="fixes what is left to chance")


def add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
