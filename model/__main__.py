"""python -m model learn | write | evaluate | import: the writer from the command line."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from model.config import SampleConfig, TrainConfig
from model.predecessor import import_predecessor
from model.records import LearningText, Progress, WriteRequest
from model.text import decode, tidy
from model.writer import load_writer, new_writer

DRAFT_SEPARATOR = "---"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, or 1 after a refusal, which is one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (OSError, ValueError, ArithmeticError) as error:
        print(f"model: {error}", file=sys.stderr)
        return 1
    return 0


def learn(options: argparse.Namespace) -> None:
    """Trains a new writer, or one from a checkpoint, on files in equal shares."""
    if options.out.exists():
        raise FileExistsError(f"{options.out} is there already")
    texts = [LearningText(_read(path), style=path.stem) for path in options.files]
    config = TrainConfig(seconds=options.seconds, seed=options.seed, threads=options.threads)
    source = options.source
    writer = (
        load_writer(source, options.device)
        if source
        else new_writer(seed=options.seed, device=options.device)
    )
    report = writer.learn(texts, config=config, progress=_show)
    parent = json.loads((source / "writer.json").read_bytes())["seal"] if source else None
    digest = writer.save(options.out, parent=parent, texts=texts)
    for part in report.held_out:
        print(f"{part.style}: {part.before:.3f} → {part.after:.3f} bits per character", file=sys.stderr)
    print(digest)


def write(options: argparse.Namespace) -> None:
    """Prints the continuation alone; several drafts are separated by a line of ---."""
    writer = load_writer(options.checkpoint, options.device)
    if options.memory_in:
        writer.load_memory(options.memory_in)
    request = WriteRequest(
        prompt=options.prompt,
        characters=options.characters,
        drafts=options.drafts,
        keywords=tuple(options.keyword),
        seed=options.seed,
        sample=SampleConfig(greedy=options.greedy, temperature=options.temperature),
    )
    drafts = writer.write(request)
    print(f"\n{DRAFT_SEPARATOR}\n".join(draft.text for draft in drafts))
    if options.memory_out:
        writer.remember(request, drafts[0])
        writer.save_memory(options.memory_out)


def evaluate(options: argparse.Namespace) -> None:
    """Prints bits per character of each file."""
    writer = load_writer(options.checkpoint, options.device)
    rows = []
    for path in options.files:
        text = _read(path)
        rows.append({"file": str(path), "characters": len(text), "bits_per_character": writer.score(text)})
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    print(f"{'bits/char':>9}  {'characters':>10}  file")
    for row in rows:
        print(f"{row['bits_per_character']:9.3f}  {row['characters']:10}  {row['file']}")


def take_over(options: argparse.Namespace) -> None:
    """Makes a checkpoint of the predecessor's files and prints its hash."""
    print(import_predecessor(options.weights, options.vocab, options.memory, options.out))


def _read(path: Path) -> str:
    return tidy(decode(path.read_bytes()).text)


def _show(progress: Progress) -> None:
    held_out = "" if progress.validation_loss is None else f", held out {progress.validation_loss:.3f}"
    print(
        f"{progress.fraction:4.0%} {progress.seconds:6.1f} s, step {progress.step}: "
        f"learning {progress.training_loss:.3f}{held_out} bits per character",
        file=sys.stderr,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model", description="이음's writer from the command line"
    )
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("learn", help="train, or fine-tune from a checkpoint")
    command.set_defaults(command=learn)
    command.add_argument("files", nargs="+", type=Path, metavar="FILES")
    command.add_argument("--out", required=True, type=Path, metavar="DIR")
    command.add_argument("--from", dest="source", type=Path, metavar="DIR")
    command.add_argument("--seconds", type=float, default=60.0)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--threads", type=int)
    _add_device(command)

    command = commands.add_parser("write", help="print a continuation")
    command.set_defaults(command=write)
    command.add_argument("--checkpoint", required=True, type=Path, metavar="DIR")
    command.add_argument("--prompt", default="")
    command.add_argument("--characters", type=int, default=300)
    command.add_argument("--drafts", type=int, default=1)
    command.add_argument("--keyword", action="append", default=[], metavar="W")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--temperature", type=float, default=SampleConfig().temperature)
    command.add_argument("--greedy", action="store_true")
    command.add_argument("--memory-in", type=Path, metavar="F")
    command.add_argument("--memory-out", type=Path, metavar="F")
    _add_device(command)

    command = commands.add_parser("evaluate", help="bits per character of files")
    command.set_defaults(command=evaluate)
    command.add_argument("--checkpoint", required=True, type=Path, metavar="DIR")
    command.add_argument("files", nargs="+", type=Path, metavar="FILES")
    command.add_argument("--json", action="store_true")
    _add_device(command)

    command = commands.add_parser("import", help="make a checkpoint of ko_novel_generator's files")
    command.set_defaults(command=take_over)
    command.add_argument("--weights", required=True, type=Path, metavar="gru_N.pkl")
    command.add_argument("--vocab", required=True, type=Path, metavar="vocab.pkl")
    command.add_argument("--memory", type=Path, metavar="hidden.pkl")
    command.add_argument("--out", required=True, type=Path, metavar="DIR")
    return parser


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")


if __name__ == "__main__":
    raise SystemExit(main())
