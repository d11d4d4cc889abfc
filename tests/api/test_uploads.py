"""The files that people really upload, nominated one by one: read rightly, or refused with what is wrong."""

from __future__ import annotations

import io

import pytest

from tests.api.conftest import Api, refused
from tests.texts import CORPUS
from webapp.core.library import queries

BAD_INPUT = CORPUS / "bad_input"
READ = {
    "cp949_crlf_동백꽃.txt": ("cp949", "decoded-cp949"),
    "cp949_only_bytes.txt": ("cp949", "decoded-cp949"),
    "utf16le_bom_동백꽃.txt": ("utf-16", "decoded-utf-16"),
    "nfd_동백꽃.txt": ("utf-8", "composed"),
    "hardwrap_crlf_동백꽃.txt": ("utf-8", "unwrapped"),
    "compat_hanja_술권하는사회.txt": ("utf-8", "compat-hanja"),
}
REFUSED = {
    "mojibake_동백꽃.txt": ("mojibake", "깨진 채로"),
    "truncated_utf8.txt": ("truncated", "끊긴 파일"),
}

pytestmark = pytest.mark.skipif(
    not BAD_INPUT.is_dir(),
    reason="the corpus is not beside this checkout; tests/unit/test_intake.py makes such files itself",
)


def nominate(api: Api, name: str):
    form = {"title": name, "author": "김유정", "rights": "public-domain", "author_died": "1937"}
    file = (io.BytesIO((BAD_INPUT / name).read_bytes()), name)
    return api.person().post("/novels", data={**form, "file": file})


def test_every_file_of_the_corpus_is_looked_at() -> None:
    assert {path.name for path in BAD_INPUT.iterdir()} == {*READ, *REFUSED}


@pytest.mark.parametrize("name", READ)
def test_it_is_read_rightly(api: Api, name: str) -> None:
    answer = nominate(api, name)
    encoding, note = READ[name]
    assert answer.status_code == 201
    assert answer.json["encoding"].startswith(encoding)
    assert note in [noted["code"] for noted in answer.json["notes"]]
    text = queries.text_of(queries.get(answer.json["id"]))
    hangul = sum("가" <= char <= "힣" for char in text)
    assert hangul > 0.6 * len(text)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_what_is_wrong(api: Api, name: str) -> None:
    answer = nominate(api, name)
    code, words = REFUSED[name]
    refused(answer, 422, code)
    assert words in answer.json["detail"]
    assert queries.novels() == []


def test_all_of_them_can_stand_in_one_library(api: Api) -> None:
    assert [nominate(api, name).status_code for name in READ] == [201] * len(READ)
