"""`learn`: raises a writer on files and leaves a checkpoint, a report and the curve. Goes on where it was stopped."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from model.checkpoint import sync_folder, write_file
from model.commands.options import Parser, add_device, add_seed, amount, read_text, whole
from model.commands.pace import steps_within
from model.commands.progress import ProgressLine
from model.commands.report import Learned, page
from model.config import TrainConfig
from model.corpus import check_amount
from model.records import LearningReport, LearningText, LossNotFinite, Role
from model.seal import read_manifest
from model.snapshot import Snapshots
from model.writer import BASE, Writer, load_writer, new_writer

UNFINISHED = ".unfinished"  # what is put after the name of --out while a run is not over
MONTH = 31 * 86_400.0  # seconds
PATIENCE = 1_000  # times the seconds asked for
REHEARSAL_SHARE = 0.28  # of the reading, as for a novel on the site


def add(command: Parser) -> None:
    """The options of `learn`."""
    command.set_defaults(run=learn)
    command.add_argument(
        "files", nargs="+", type=Path, metavar="FILES", help="text files, read in equal shares"
    )
    command.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where the checkpoint will be"
    )
    command.add_argument(
        "--rehearse",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILES",
        help="read before, lest they be forgotten",
    )
    start = command.add_mutually_exclusive_group()
    start.add_argument(
        "--from",
        dest="source",
        type=Path,
        default=BASE,
        metavar="DIR",
        help="default: the writer that is shipped",
    )
    start.add_argument(
        "--new",
        dest="source",
        action="store_const",
        const=None,
        help="begin with a writer that knows nothing",
    )
    limit = command.add_mutually_exclusive_group()
    limit.add_argument(
        "--seconds", type=amount(MONTH), default=60.0, help="about how long (default: %(default)s)"
    )
    limit.add_argument("--steps", type=whole(1, 10**9), metavar="N", help="exactly so many updates")
    command.add_argument(
        "--snapshots", type=amount(MONTH), default=30.0, metavar="SECONDS", help="between two snapshots"
    )
    command.add_argument("--threads", type=whole(1, 256), metavar="N")
    add_seed(command)
    add_device(command)


def learn(options: argparse.Namespace) -> None:
    """Does one run, or what is left of it, and prints the checkpoint's hash."""
    out: Path = options.out
    if out.exists():
        raise FileExistsError(f"{out} is there already")
    texts = _texts(options)
    with Snapshots(out.with_name(out.name + UNFINISHED), every=options.snapshots) as snapshots:
        config = _settled(options, texts, snapshots)
        writer = _start(options)
        report = _run(writer, texts, config, snapshots)
        before, after = _start(options).measure(texts), writer.measure(texts)
        parent = read_manifest(options.source)["seal"] if options.source else None
        digest = writer.save(snapshots.result, parent=parent, texts=texts)
        _add_report(snapshots.result, Learned(texts, report, before, after, digest, parent))
        snapshots.result.rename(out)
        sync_folder(out.parent)
        snapshots.discard()
    _tell(report, out)
    print(digest)


def _texts(options: argparse.Namespace) -> list[LearningText]:
    """What is read. Raises OSError, `TextTooLarge`, `UnreadableText` and `LearningRefused`."""
    old = REHEARSAL_SHARE if options.rehearse else 0.0
    texts: list[LearningText] = []
    kinds: tuple[tuple[Role, Sequence[Path], float], ...] = (
        ("new", options.files, 1 - old),
        ("rehearsal", options.rehearse, old),
    )
    for role, paths, share in kinds:
        for path in paths:
            texts.append(LearningText(read_text(path), path.stem, share / len(paths), role))
            check_amount(texts)
    return texts


def _start(options: argparse.Namespace) -> Writer:
    if options.source:
        return load_writer(options.source, options.device)
    return new_writer(seed=options.seed, device=options.device)


def _settled(options: argparse.Namespace, texts: Sequence[LearningText], snapshots: Snapshots) -> TrainConfig:
    """The settings of a run that counts updates. Seconds become updates, by a trial or as they did when the run
    began, and the clock ends it only if all goes wrong."""
    config = TrainConfig(seconds=options.seconds, seed=options.seed, threads=options.threads)
    if options.steps is not None:
        steps = options.steps
    elif snapshots.config is not None:
        steps = snapshots.config["steps"]
    else:
        steps = steps_within(_start(options), texts, config)
    return replace(config, steps=steps, seconds=PATIENCE * options.seconds)


def _run(
    writer: Writer, texts: Sequence[LearningText], config: TrainConfig, snapshots: Snapshots
) -> LearningReport:
    if snapshots.step:
        print(f"{snapshots.step:,}걸음부터 이어서 배워요.", file=sys.stderr)
    line = ProgressLine()
    try:
        with _interrupting(snapshots):
            return writer.learn(texts, config=config, tick=line.show, snapshots=snapshots)
    except LossNotFinite:
        snapshots.discard()  # from here it would come to the same again
        raise
    finally:
        line.end()


@contextmanager
def _interrupting(snapshots: Snapshots) -> Iterator[None]:
    """Ctrl-C lets the run keep a snapshot and leave; a second one ends it at once."""

    def interrupt(*_: object) -> None:
        snapshots.interrupt()
        signal.signal(signal.SIGINT, usual)

    usual = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _add_report(folder: Path, learned: Learned) -> None:
    """Puts the page and the curve beside the checkpoint's own files; they are no part of it."""
    curve = [asdict(point) for point in learned.report.curve]
    write_file(folder / "curve.json", json.dumps(curve, indent=1).encode())
    write_file(folder / "report.html", page(learned).encode())
    sync_folder(folder)


def _tell(report: LearningReport, out: Path) -> None:
    for part in report.held_out:
        print(f"{part.style}: 헷갈림 {part.before:.3f} → {part.after:.3f}비트", file=sys.stderr)
    print(f"배운 기록: {out / 'report.html'}", file=sys.stderr)
