"""`evaluate`: what a writer makes of texts."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from model.commands.options import Parser, add_checkpoint, add_device, read_text
from model.originality import Overlap
from model.writer import Writer, load_writer

EXCERPT = 60  # characters of a span that are shown


def add(command: Parser) -> None:
    """The options of `evaluate`."""
    command.set_defaults(run=evaluate)
    add_checkpoint(command)
    command.add_argument(
        "files", nargs="*", type=Path, metavar="FILES", help="without: the checkpoint's own scores"
    )
    command.add_argument(
        "--spans", action="store_true", help="also where each text shares eight characters or more"
    )
    command.add_argument("--json", action="store_true")
    add_device(command)


def evaluate(options: argparse.Namespace) -> None:
    """Prints, for each file, how much it surprises the writer and what it shares with what the writer read."""
    writer = load_writer(options.checkpoint, options.device)
    if not options.files:
        _show_scores(writer, as_json=options.json)
        return
    rows = [_row(writer, path, spans=options.spans) for path in options.files]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    print(f"{'bits/char':>9}  {'characters':>10}  {'longest run':>11}  {'shared':>6}  file")
    for row in rows:
        print(
            f"{row['bits_per_character']:9.3f}  {row['characters']:10}  {row['longest_shared_run']:11}  "
            f"{row['shared_share']:6.1%}  {row['file']}"
        )
        for span in row.get("spans", ()):
            print(f"{'':9}  {span['source']}: {span['text'][:EXCERPT]!r}")


def _row(writer: Writer, path: Path, *, spans: bool) -> dict[str, Any]:
    text = read_text(path)
    overlap = writer.overlap(text)
    row = {
        "file": str(path),
        "characters": len(text),
        "bits_per_character": writer.score(text),
        "longest_shared_run": overlap.longest,
        "shared_share": overlap.share,
    }
    return {**row, "spans": _spans(overlap, text)} if spans else row


def _spans(overlap: Overlap, text: str) -> Sequence[dict[str, Any]]:
    """Longest first."""
    ordered = sorted(overlap.spans, key=lambda span: span.start - span.end)
    return [{**asdict(span), "text": text[span.start : span.end]} for span in ordered]


def _show_scores(writer: Writer, *, as_json: bool) -> None:
    """What was measured when the checkpoint was made. Raises ValueError if nothing was."""
    if writer.scores is None:
        raise ValueError("this checkpoint holds no scores; name files to measure")
    values = writer.scores.to_json()
    if as_json:
        print(json.dumps(values, ensure_ascii=False))
        return
    for part in writer.scores.held_out:
        print(f"{part.bits:9.3f}  {part.characters:10}  {part.style}")
    for name, value in values.items():
        if name not in ("held_out", "samples"):
            print(f"{name}: {value}")
