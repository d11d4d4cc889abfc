"""python -m model learn | write | evaluate | import: the writer from the command line."""

import sys
from collections.abc import Sequence

from model.commands import evaluating, importing, learning, writing
from model.commands.options import Parser
from model.commands.refusals import sentence
from model.snapshot import RunInterrupted

COMMANDS = (
    ("learn", "train, or fine-tune from a checkpoint", learning.add),
    ("write", "print a continuation", writing.add),
    ("evaluate", "bits per character of files, and what they share with what was read", evaluating.add),
    ("import", "make a checkpoint of ko_novel_generator's files", importing.add),
)
INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 1 after a refusal, which is one line on stderr, or 130 after
    Ctrl-C. Exits with 2 if the command is not understood."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (OSError, ValueError, ArithmeticError, MemoryError) as error:
        print(f"model: {sentence(error)}", file=sys.stderr)
        return 1
    except RunInterrupted:
        print("model: 멈췄어요. 같은 명령을 다시 내리면 여기서부터 이어서 배워요.", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print("model: 멈췄어요.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> Parser:
    parser = Parser(prog="python -m model", description="이음's writer from the command line")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, help_, add in COMMANDS:
        add(commands.add_parser(name, help=help_))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
