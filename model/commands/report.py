"""What a run of learning did, as a page for people: one HTML file that needs nothing else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from model.commands.plot import Line, plot
from model.records import HeldOut, LearningReport, LearningText
from model.scores import Sample, Scores

STOPPED = {
    "seconds": "정한 시간이 다 되어 마쳤어요.",
    "steps": "정한 만큼 배우고 마쳤어요.",
    "passes": "새 글을 정한 만큼 거듭 읽고 마쳤어요.",
    "early": "더 나아지지 않아 일찍 마쳤어요.",
    "asked": "그만하라는 말을 듣고 마쳤어요.",
}
STYLE = """
:root { color-scheme: light dark; --paper: #faf5ec; --sheet: #fffdf8; --ink: #2b2520; --soft: #655a4f;
  --line: #e2d7c5; --training: #6b6055; --held-out: #a5372a; }
@media (prefers-color-scheme: dark) { :root { --paper: #1a1714; --sheet: #23201b; --ink: #ece4d7; --soft: #b3a799;
  --line: #3a342c; --training: #b3a799; --held-out: #ef9079; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.25rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.65 "IBM Plex Sans KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif;
  word-break: keep-all; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.35; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: .875rem; margin: 0; color: var(--soft); }
.soft, figcaption { color: var(--soft); font-size: .9rem; }
figure { margin: 0; } svg { display: block; width: 100%; max-width: 34rem; height: auto; font-size: 12px; }
svg text { fill: var(--soft); } svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .training { stroke: var(--training); stroke-dasharray: 5 3; } svg circle.training { fill: var(--training); }
svg .held-out { stroke: var(--held-out); } svg circle.held-out { fill: var(--held-out); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: start; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 400; } tbody th { font-weight: 600; }
td { font-variant-numeric: tabular-nums; text-align: end; white-space: nowrap; }
.facts td { white-space: normal; } thead th + th { text-align: end; }
.pair { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr));
  margin: 1rem 0; }
.pair > div { background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1rem; }
.pair p { margin: .25rem 0 0; white-space: pre-line; } .prompt { color: var(--held-out); }
"""


@dataclass(frozen=True)
class Learned:
    """A run that is over: what it read, what it did, the writer's scores around it, and the checkpoints' hashes."""

    texts: Sequence[LearningText]
    report: LearningReport
    before: Scores
    after: Scores
    checkpoint: str
    parent: str | None


def page(learned: Learned) -> str:
    """The whole page."""
    sections = (_summary, _curve, _read, _samples, _scores, _details)
    body = "\n".join(section(learned) for section in sections)
    return (
        '<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>작가 AI가 배운 기록</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _summary(learned: Learned) -> str:
    report = learned.report
    characters = sum(len(text.text) for text in learned.texts)
    told = [
        f"글 {len(learned.texts)}편, {characters:,}자를 {_duration(report.seconds)} 동안 배웠어요.",
        STOPPED[report.stopped],
    ]
    bits = [
        _average(report.held_out, lambda part: part.before),
        _average(report.held_out, lambda part: part.after),
    ]
    if report.held_out:
        told.insert(
            1, f"읽히지 않고 남겨 둔 부분에서 헷갈림이 {bits[0]:.2f}비트에서 {bits[1]:.2f}비트가 되었어요."
        )
    return f"<h1>작가 AI가 배운 기록</h1>\n<p>{' '.join(told)}</p>"


def _average(parts: Sequence[HeldOut], bits: Callable[[HeldOut], float]) -> float:
    """Weighted by characters; 0 where nothing was held out."""
    characters = sum(part.characters for part in parts)
    return sum(bits(part) * part.characters for part in parts) / max(1, characters)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}분 {rest}초" if minutes else f"{rest}초"


def _curve(learned: Learned) -> str:
    points = learned.report.curve
    lines = [
        Line("배우는 글", [(p.step, p.training_loss) for p in points], "training"),
        Line(
            "남겨 둔 글",
            [(p.step, p.validation_loss) for p in points if p.validation_loss is not None],
            "held-out",
        ),
    ]
    drawing = plot(lines, title="배우는 동안의 헷갈림", across="배운 걸음", up="헷갈림 (비트)")
    return (
        f"<h2>어떻게 배웠나요?</h2>\n<figure>{drawing}\n<figcaption>헷갈림은 다음 글자를 맞힐 때 얼마나 망설였는지를 "
        "나타내요. 1비트는 둘 중 하나를 고르는 만큼의 망설임이고, 낮을수록 좋아요.</figcaption></figure>"
    )


def _read(learned: Learned) -> str:
    total = sum(text.share for text in learned.texts)
    bits = {(part.style, part.role): part for part in learned.report.held_out}
    rows = []
    for text in learned.texts:
        name = text.style if text.role == "new" else f"{text.style} (되새김)"
        part = bits.get((text.style, text.role))
        measured = [f"{part.before:.2f}", f"{part.after:.2f}"] if part else ["–", "–"]
        rows.append([name, f"{len(text.text):,}", f"{text.share / total:.0%}", *measured])
    table = _table(["글", "글자", "몫", "배우기 전", "배운 뒤"], rows)
    return (
        f'<h2>무엇을 읽었나요?</h2>\n{table}\n<p class="soft">배우기 전과 뒤는 그 글에서 남겨 둔 부분의 헷갈림(비트)이에요. '
        "짧은 글은 남기지 않고 다 읽어요.</p>"
    )


def _samples(learned: Learned) -> str:
    pairs = [
        f'<div class="pair"><div><h3>배우기 전{_asked(old)}</h3>{_excerpt(old)}</div>'
        f"<div><h3>배운 뒤{_asked(new)}</h3>{_excerpt(new)}</div></div>"
        for old, new in zip(learned.before.samples, learned.after.samples, strict=True)
    ]
    head = '<h2>같은 첫 문장, 배우기 전과 뒤</h2>\n<p class="soft">같은 씨앗으로 썼어요.</p>'
    return "\n".join([head, *pairs])


def _asked(sample: Sample) -> str:
    return f" · 낱말: {escape(', '.join(sample.keywords))}" if sample.keywords else ""


def _excerpt(sample: Sample) -> str:
    return f'<p><span class="prompt">{escape(sample.prompt)}</span> {escape(sample.text)}</p>'


SHOWN: tuple[tuple[str, Callable[[Scores], str]], ...] = (
    ("읽은 글과 겹치는 가장 긴 자리", lambda scores: f"{scores.longest_copied}자"),
    ("읽은 글과 겹치는 비율", lambda scores: f"{scores.copied_share:.1%}"),
    ("같은 말을 되풀이한 비율", lambda scores: f"{scores.repeated_share:.1%}"),
    ("부탁한 낱말이 나온 비율", lambda scores: f"{scores.keyword_rate:.0%}"),
    ("서로 다른 두 글자 묶음", lambda scores: f"{scores.distinct_characters[1]:.0%}"),
    ("서로 다른 낱말", lambda scores: f"{scores.distinct_words[0]:.0%}"),
)


def _scores(learned: Learned) -> str:
    rows = [[name, shown(learned.before), shown(learned.after)] for name, shown in SHOWN]
    return f"<h2>점수</h2>\n{_table(['무엇', '배우기 전', '배운 뒤'], rows)}"


def _details(learned: Learned) -> str:
    report = learned.report
    facts = [
        ["두뇌의 지문", learned.checkpoint],
        ["자라난 두뇌의 지문", learned.parent or "없음"],
        ["씨앗", str(report.seed)],
        ["걸음", f"{report.steps:,}"],
        ["읽은 글자 (거듭 읽은 것까지)", f"{report.characters_read:,}"],
        ["아는 글자", f"{report.vocabulary:,} (새로 {report.vocabulary_added:,})"],
        ["계산한 곳", report.device],
    ]
    points = [
        [f"{p.step:,}", f"{p.seconds:.1f}", f"{p.training_loss:.3f}",
         "–" if p.validation_loss is None else f"{p.validation_loss:.3f}"]
        for p in report.curve
    ]  # fmt: skip
    curve = _table(["걸음", "초", "배우는 글 (비트)", "남겨 둔 글 (비트)"], points)
    return (
        f'<h2>자세히</h2>\n<div class="facts">{_table(["무엇", "값"], facts)}</div>\n'
        f"<details><summary>곡선의 숫자</summary>{curve}</details>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the rows; it scrolls by itself where a phone is too narrow for it."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    return (
        f'<div class="scroll" tabindex="0"><table>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{lines}</tbody></table></div>"
    )
