"""Reading what people really upload."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.text import UnreadableText, clean_line, decode, is_blank, normalise, sentences, tidy

STORY = "오늘은 비가 왔다. 나는 우산을 쓰고 강가로 나갔다.\n“어디 가니?” 하고 할머니가 물으셨다.\n" * 8
ANY_TEXT = st.text(
    st.characters(codec="utf-8")
    | st.sampled_from("가힣각ㅋ \n\r\t\u3164\u200b\u202e\u1100\u1161\u11a8\u0301\uf914\u2000\u2028\x85")
)
KOREAN = st.text("이다는을가에의고하지나서도를은로사그어기라 .,?!\n", min_size=20, max_size=200)


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableText) as refusal:
        decode(data)
    assert "%(" not in str(refusal.value), "every place in the sentence is filled"
    assert str(refusal.value) == refusal.value.message % refusal.value.params
    return refusal.value.code


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_reads_every_common_encoding(encoding: str) -> None:
    assert decode(STORY.encode(encoding)).text == STORY


@given(KOREAN, st.sampled_from(["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-32"]))
def test_a_text_comes_back_from_every_encoding_that_says_what_it_is(text: str, encoding: str) -> None:
    text = "비가 오는 저녁이었다. " + text
    assert decode(text.encode(encoding)).text == text


@given(st.text(st.characters(codec="cp949", exclude_categories=["Cc"]), max_size=60))
def test_every_character_that_cp949_has_is_read(text: str) -> None:
    assert decode((STORY + text).encode("cp949")).text == STORY + text


def test_says_which_encoding_it_found_and_notes_old_ones() -> None:
    assert (decode(STORY.encode()).encoding, decode(STORY.encode()).notes) == ("utf-8", ())
    assert decode(STORY.encode("cp949")).encoding == "cp949"
    assert "CP949" in decode(STORY.encode("cp949")).notes[0]


def test_reads_syllables_that_only_cp949_has() -> None:
    text = "똠방각하가 펲시콜라를 마시고 뷁이라 하였다."
    assert decode(text.encode("cp949")).text == text


def test_plain_english_is_text() -> None:
    assert decode(b"The rain had stopped.\r\n").text == "The rain had stopped.\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 a zip", b"%PDF-1.7 a document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a hwp", b"\x89PNG\r\n", b"{\\rtf1 x}",
        b"MZ\x90\x00\x03", bytes(range(256)) * 4, b"\x00\x00\x00\x00", "가나다\x00라마바".encode(), b"\x01\x02\x03\x04abc",
    ],
)  # fmt: skip
def test_refuses_what_is_no_text(data: bytes) -> None:
    assert code_of(data) == "binary"


@pytest.mark.parametrize(
    "text", ["", " \r\n\t ", "\u3164\u3164", "\ufeff", "\u115f\u1160\uffa0\u200b\u200d\u2800\u3000"]
)
def test_refuses_what_only_looks_like_something(text: str) -> None:
    assert is_blank(text)
    assert code_of(text.encode()) == "empty"


@pytest.mark.parametrize("cut", [1, 2])
def test_says_where_a_utf8_file_was_cut(cut: int) -> None:
    data = STORY.rstrip("\n.").encode()[:-cut]
    with pytest.raises(UnreadableText) as refusal:
        decode(data)
    assert refusal.value.code == "truncated"
    assert refusal.value.params["near"].endswith("물으셨")


def test_notices_a_cut_at_the_beginning_and_in_other_encodings() -> None:
    assert code_of(STORY.encode()[1:]) == "truncated"
    assert code_of(STORY.encode("utf-16")[:-1]) == "truncated"
    assert code_of(STORY.rstrip("\n.").encode("cp949")[:-1]) == "truncated"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_says_in_which_line_a_file_is_damaged(encoding: str) -> None:
    lines = STORY.encode(encoding).split(b"\n")
    lines[4] = lines[4][:-4] + b"\xff\xff" + lines[4][-4:]
    with pytest.raises(UnreadableText) as refusal:
        decode(b"\n".join(lines))
    assert (refusal.value.code, refusal.value.params["line"]) == ("damaged", "5")


@pytest.mark.parametrize(
    ("written", "misread"),
    [("cp949", "latin-1"), ("utf-8", "latin-1"), ("utf-8", "cp1252"), ("cp949", "cp1252")],
)
def test_refuses_korean_that_was_misread_as_latin(written: str, misread: str) -> None:
    broken = STORY.encode(written).decode(misread, errors="ignore")
    assert code_of(broken.encode()) == "mojibake"


def test_refuses_korean_whose_letters_are_lost() -> None:
    assert code_of(STORY.encode("ascii", errors="replace")) == "mojibake"
    assert code_of(STORY.encode("utf-8").decode("ascii", errors="replace").encode()) == "mojibake"


def test_french_is_not_mojibake_and_questions_are_not_lost_letters() -> None:
    assert decode("L'été dernier, à la plage, Zoé a été très fâchée.".encode()).encoding == "utf-8"
    assert decode("뭐??? 정말??? 그럴 리가!!".encode()).text.startswith("뭐")


def test_refuses_other_encodings_rather_than_guess() -> None:
    assert code_of("これは日本語の文章です。雨が降っていた。".encode("euc-jp") * 3) == "encoding"
    assert code_of("今天下雨了，我去河边。".encode("gb2312") * 3) == "encoding"


def test_normalise_makes_one_form() -> None:
    assert normalise("\u1112\u1161\u11ab\u1100\u1173\u11af") == "한글", "decomposed Hangul is composed"
    assert normalise("\uf914") == "樂", "a compatibility hanja becomes the unified one"
    assert normalise("가\r\n나\r다\u2028라") == "가\n나\n다\n라"
    assert normalise(" " * 120 + "제목\t이름  \n본문 ") == "제목 이름\n본문"
    assert normalise("가\n\n\n\n\n\n나") == "가\n\n\n나"
    assert normalise("차\u202e례\u200b\u0007\u3164!") == "차례!"
    assert normalise("뜻\u3000풀이\u00a0하나") == "뜻 풀이 하나"


@given(ANY_TEXT)
def test_normalise_is_idempotent_and_leaves_nothing_invisible(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not any((c < " " and c != "\n") or c in "\u202e\u200b\u3164\ufeff" for c in once)


@given(ANY_TEXT)
def test_composed_and_decomposed_text_become_one(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normalise(composed) == normalise(decomposed) == normalise(text)
    assert unicodedata.is_normalized("NFC", normalise(text))


@given(ANY_TEXT)
def test_normalise_loses_no_letter_and_makes_none_up(text: str) -> None:
    def letters(text: str) -> list[str]:
        kept = unicodedata.normalize("NFC", text)
        return [
            c
            for c in kept
            if unicodedata.category(c)[0] in "LNPS" and c not in "\u3164\u1160\u115f\uffa0\u2800"
        ]

    assert letters("".join(letters(text))) == letters("".join(letters(normalise(text))))


@given(ANY_TEXT)
def test_a_tidied_text_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(ANY_TEXT)
def test_a_sentence_is_one_sentence(text: str) -> None:
    found = sentences(normalise(text))
    assert sentences("\n".join(found)) == found


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    line = clean_line(text)
    assert "\n" not in line
    assert clean_line(line) == line
    assert bool(line) == (not is_blank(text))


def test_nfc_and_nfd_of_a_title_are_one() -> None:
    assert clean_line(" 동백\u1101\u1169\u11be\n") == clean_line("동백꽃")


def test_sentences_keep_a_quotation_with_its_teller() -> None:
    text = "비가 왔다. “어디 가니?” 하고 물었다. “집에.” 나는 3.5리를 걸었다…… 그리고 쉬었다!\n끝"
    assert sentences(text) == [
        "비가 왔다.", "“어디 가니?” 하고 물었다.", "“집에.”", "나는 3.5리를 걸었다…… 그리고 쉬었다!", "끝",
    ]  # fmt: skip


@given(ANY_TEXT)
def test_sentences_lose_no_letter(text: str) -> None:
    text = normalise(text)
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = decode(data).text
    except UnreadableText as refusal:
        text = str(refusal)
    assert not is_blank(text)


class TestSharedCorpus:
    """The files people really upload."""

    def read(self, corpus: Path, name: str) -> str:
        return tidy(decode((corpus / "bad_input" / name).read_bytes()).text)

    def test_editions_of_one_story_are_the_same_text(self, corpus: Path) -> None:
        clean = normalise((corpus / "novels" / "김유정_동백꽃.txt").read_text("utf-8"))
        assert self.read(corpus, "utf16le_bom_동백꽃.txt") == clean
        assert self.read(corpus, "nfd_동백꽃.txt") == clean
        words = self.read(corpus, "cp949_crlf_동백꽃.txt").split()
        assert words[:2] == ["동백꽃", "김유정"]
        assert words[2:] == clean.split()

    def test_cp949_only_bytes(self, corpus: Path) -> None:
        assert self.read(corpus, "cp949_only_bytes.txt") == "똠방각하가 펲시콜라를 마시고 뷁이라 하였다."

    def test_compatibility_hanja_and_deep_indentation(self, corpus: Path) -> None:
        text = self.read(corpus, "compat_hanja_술권하는사회.txt")
        assert not any("\uf900" <= char <= "\ufaff" for char in text)
        assert text.startswith("술 권하는 사회\n현 진 건\n")

    @pytest.mark.parametrize(
        ("name", "code"), [("mojibake_동백꽃.txt", "mojibake"), ("truncated_utf8.txt", "truncated")]
    )
    def test_refusals(self, corpus: Path, name: str, code: str) -> None:
        assert code_of((corpus / "bad_input" / name).read_bytes()) == code

    def test_every_novel_is_read_as_it_is(self, corpus: Path) -> None:
        for path in sorted((corpus / "novels").glob("*.txt")):
            data = path.read_bytes()
            assert tidy(decode(data).text) == normalise(data.decode()), path.name
