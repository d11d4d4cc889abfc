"""`write`: goes on from a prompt."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from model.commands.options import Parser, add_checkpoint, add_device, add_seed, amount, whole
from model.config import SampleConfig
from model.records import WriteRequest, Written
from model.seal import read_manifest
from model.writer import load_writer

SEPARATOR = "---"
SHARE_MOST = 1e6


def add(command: Parser) -> None:
    """The options of `write`."""
    command.set_defaults(run=write, refuse=command.error)
    add_checkpoint(command)
    command.add_argument("--prompt", default="", help="the text to go on from")
    command.add_argument("--characters", type=whole(20, 20_000), default=300, metavar="N")
    command.add_argument("--drafts", type=whole(1, 64), default=1, metavar="N")
    command.add_argument(
        "--keyword", action="append", default=[], metavar="W", help="may be given several times"
    )
    command.add_argument(
        "--style",
        action="append",
        default=[],
        type=_share,
        metavar="NAME=SHARE",
        help="styles blend by their shares",
    )
    command.add_argument("--temperature", type=float, default=SampleConfig().temperature)
    command.add_argument("--greedy", action="store_true", help="always take the likeliest character")
    command.add_argument("--compare", action="store_true", help="the same seed with the keywords and without")
    command.add_argument("--memory-in", type=Path, metavar="F")
    command.add_argument("--memory-out", type=Path, metavar="F")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="the text alone, as when it is not for a terminal")
    form.add_argument("--json", action="store_true")
    add_seed(command)
    add_device(command)


def write(options: argparse.Namespace) -> None:
    """Prints the drafts. Their text alone is separated by lines of ---."""
    if options.compare and not options.keyword:
        options.refuse("--compare에는 --keyword가 있어야 해요 (needs a keyword)")
    writer = load_writer(options.checkpoint, options.device)
    _check_styles(options)
    if options.memory_in:
        writer.load_memory(options.memory_in)
    request = WriteRequest(
        prompt=options.prompt,
        characters=options.characters,
        drafts=options.drafts,
        keywords=tuple(options.keyword),
        seed=options.seed,
        styles=dict(options.style),
        sample=SampleConfig(greedy=options.greedy, temperature=options.temperature),
    )
    drafts = writer.write(request)
    without = writer.write(replace(request, keywords=())) if options.compare else []
    if options.json:
        print(json.dumps(_rows(drafts, without), ensure_ascii=False))
    elif options.plain or not sys.stdout.isatty():
        print(f"\n{SEPARATOR}\n".join(draft.text for draft in [*drafts, *without]))
    else:
        print("\n\n".join(_headed(drafts, options.keyword) + _headed(without, [])))
    if options.memory_out:
        writer.remember(request, drafts[0])
        writer.save_memory(options.memory_out)


def _share(written: str) -> tuple[str, float]:
    """NAME or NAME=SHARE."""
    name, _, share = written.rpartition("=") if "=" in written else (written, "", "1")
    return name, amount(SHARE_MOST)(share)


def _check_styles(options: argparse.Namespace) -> None:
    known = [style for style in read_manifest(options.checkpoint)["styles"] if style]
    for name, _ in options.style:
        if name not in known:
            options.refuse(f"{name!r}: 배우지 않은 문체예요. 아는 문체: {', '.join(known)}")


def _rows(drafts: Sequence[Written], without: Sequence[Written]) -> list[dict[str, Any]]:
    """Each draft, and under `without_keywords` what the same seed gives without them."""
    rows = [asdict(draft) for draft in drafts]
    for row, plain in zip(rows, without, strict=False):
        row["without_keywords"] = asdict(plain)
    return rows


def _headed(drafts: Sequence[Written], keywords: Sequence[str]) -> list[str]:
    words = f"낱말: {', '.join(keywords)}" if keywords else "낱말 없이"
    return [
        f"[{number}. {words} · 씨앗 {draft.seed} · 읽은 글과 겹치는 가장 긴 자리 "
        f"{draft.measurements['longest_shared_run']:.0f}자]\n{draft.text}"
        for number, draft in enumerate(drafts, start=1)
    ]
