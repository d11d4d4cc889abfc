"""`import`: makes a checkpoint of the predecessor's files."""

import argparse
from pathlib import Path

from model.commands.options import Parser
from model.predecessor import import_predecessor


def add(command: Parser) -> None:
    """The options of `import`."""
    command.set_defaults(run=take_over)
    command.add_argument("--weights", required=True, type=Path, metavar="gru_N.pkl")
    command.add_argument("--vocab", required=True, type=Path, metavar="vocab.pkl")
    command.add_argument("--memory", type=Path, metavar="hidden.pkl")
    command.add_argument("--out", required=True, type=Path, metavar="DIR")


def take_over(options: argparse.Namespace) -> None:
    """Prints the checkpoint's hash."""
    print(import_predecessor(options.weights, options.vocab, options.memory, options.out))
