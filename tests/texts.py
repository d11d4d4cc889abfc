"""Real Korean texts for tests: the corpus beside the repository, or the starter library where there is none."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

CORPUS = Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus")
STARTER = ROOT / "webapp" / "starter"


@dataclass(frozen=True)
class Upload:
    """A file as somebody nominates it: its bytes, and what is said of it in the form."""

    filename: str
    data: bytes
    form: dict[str, str]

    @property
    def title(self) -> str:
        """The title given in the form."""
        return self.form["title"]


def three_novels() -> list[Upload]:
    """A file in CP949 with CRLF line ends, and two works in UTF-8."""
    if not CORPUS.is_dir():
        return _from_starter_library()
    old = (CORPUS / "bad_input" / "cp949_crlf_동백꽃.txt").read_bytes()
    novels = [_from_corpus(name) for name in ("현진건_빈처.txt", "이상_황소와_도깨비.txt")]
    return [Upload("동백꽃.txt", old, _out_of_copyright("동백꽃", "김유정", "1937")), *novels]


def _from_corpus(name: str) -> Upload:
    with (CORPUS / "novels.tsv").open(encoding="utf-8", newline="") as table:
        row = next(row for row in csv.DictReader(table, delimiter="\t") if row["file"] == name)
    form = _out_of_copyright(row["title"], row["author"], row["died"])
    return Upload(name, (CORPUS / "novels" / name).read_bytes(), form)


def _out_of_copyright(title: str, author: str, died: str) -> dict[str, str]:
    return {"title": title, "author": author, "rights": "public-domain", "author_died": died}


def _from_starter_library() -> list[Upload]:
    """Starter stories under other titles and without their last line: as they are, they stand in the library already."""
    entries = json.loads((STARTER / "library.json").read_text(encoding="utf-8"))
    uploads = []
    for entry in entries[:3]:
        text = (STARTER / entry["file"]).read_text(encoding="utf-8").rstrip().rpartition("\n")[0]
        form = {
            "title": f"{entry['title']} 다시",
            "author": entry["author"],
            "rights": "licence",
            "licence": entry["licence"],
        }
        uploads.append(Upload(Path(entry["file"]).name, text.encode("utf-8"), form))
    first = uploads[0]
    # Not every character of ours is in CP949: what is not becomes a question mark there, as in old files.
    old = first.data.decode("utf-8").replace("\n", "\r\n").encode("cp949", errors="replace")
    return [Upload(first.filename, old, first.form), *uploads[1:]]
