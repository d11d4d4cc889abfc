"""Text out of EPUBs as tools make them, and refusals of those that are broken, locked or made to do harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.epubs import PACKAGE, chapter, entries_of, epub, zipped
from webapp.epub import archive, is_epub, read_epub
from webapp.errors import DomainError, Invalid, TooLarge

ITEM = '<item id="c1" href="%s" media-type="application/xhtml+xml"/>'
ITEMREF = '<itemref idref="c1"/>'


def refusal(data: bytes) -> DomainError:
    """The refusal that reading these bytes as an EPUB ends in."""
    with pytest.raises(DomainError) as caught:
        read_epub(data)
    assert caught.value.field == "file"
    return caught.value


def test_chapters_come_in_the_order_of_the_spine() -> None:
    book = read_epub(epub("<p>먼저 온 대목.</p>", "<p>나중 온 대목.</p>"))
    assert book.text == "먼저 온 대목.\n\n나중 온 대목."


def test_title_and_author_come_from_the_metadata() -> None:
    book = read_epub(epub("<p>글.</p>"))
    assert (book.title, book.author) == ("물레방아 있는 마을", "이음 사람들")


def test_paragraphs_stay_apart_and_headings_stand_alone() -> None:
    body = "<section><h1>하나</h1>\n<p>첫\n  문단.</p><p>둘째 <em>문</em>단.</p><div>“말.”<br/>했다.</div><h2>둘</h2><p>끝.</p></section>"
    assert read_epub(epub(body)).text == "하나\n\n첫 문단.\n둘째 문단.\n“말.”\n했다.\n\n둘\n\n끝."


def test_what_is_not_the_telling_is_left_out() -> None:
    body = """<script>alert(1)</script><style>p{}</style><nav>차례</nav><p hidden="hidden">숨은 글</p>
      <p><ruby>韓<rp>(</rp><rt>한</rt><rp>)</rp></ruby>의 글<a epub:type="noteref" href="#n">1</a></p>
      <aside epub:type="footnote"><p>각주</p></aside><svg xmlns="http://www.w3.org/2000/svg"><text>그림</text></svg>"""
    assert read_epub(epub(body)).text == "韓의 글"


def test_a_title_page_made_by_the_tool_is_no_chapter() -> None:
    title_page = chapter("<p>표지</p>").replace("<body>", '<body epub:type="frontmatter titlepage">')
    assert read_epub(epub("<p>표지</p>", "<p>글.</p>", c2=title_page)).text == "글."


def test_named_characters_of_xhtml_are_understood() -> None:
    public = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    )
    for doctype in ("<!DOCTYPE html>", public, ""):
        data = chapter("<p>가&nbsp;나&hellip; &amp; 다&#45796;&none;</p>").replace("<!DOCTYPE html>", doctype)
        assert read_epub(epub("", c1=data)).text == "가 나… & 다다"


def test_an_epub_2_with_its_contents_page_and_odd_file_names_is_read() -> None:
    manifest = (
        ITEM % "%EC%9E%A5%201.xhtml#start"
        + '<item id="toc" href="toc.html" media-type="application/xhtml+xml"/>'
        + '<item id="cover" href="cover.html" media-type="application/xhtml+xml"/>'
        + '<item id="pic" href="pic.svg" media-type="image/svg+xml"/>'
        + '<item id="ad" href="ad.xhtml" media-type="application/xhtml+xml"/>'
    )
    spine = (
        '<itemref idref="cover"/><itemref idref="toc"/><itemref idref="pic"/>'
        + ITEMREF
        + '<itemref idref="ad" linear="no"/>'
        + ITEMREF
    )
    package = (PACKAGE % (manifest, spine)).replace(
        "</package>",
        '<guide><reference type="toc" href="toc.html"/><reference type="cover" href="cover.html#top"/></guide></package>',
    )
    entries = entries_of(package=package) | {
        "OEBPS/장 1.xhtml": chapter("<p>한 번만.</p>"),
        "OEBPS/toc.html": chapter("<p>차례</p>"),
        "OEBPS/cover.html": chapter("<p>표지</p>"),
        "OEBPS/ad.xhtml": chapter("<p>광고</p>"),
    }
    assert read_epub(zipped(entries)).text == "한 번만."


def test_utf_16_chapters_are_read() -> None:
    data = chapter("<p>넓은 글.</p>").replace("utf-8", "utf-16").encode("utf-16")
    assert read_epub(epub("", c1=data)).text == "넓은 글."


def test_hidden_fonts_do_not_matter_but_a_locked_text_does() -> None:
    way = (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
        '<e:EncryptionMethod Algorithm="%s"/></e:EncryptedData></encryption>'
    )
    fonts = epub("<p>글.</p>", encryption=way % "http://www.idpf.org/2008/embedding")
    assert read_epub(fonts).text == "글."
    locked = epub("<p>글.</p>", encryption=way % "http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    assert refusal(locked).code == "epub-encrypted"
    assert "DRM" in str(refusal(locked))


def test_a_zip_with_a_password_is_refused_as_locked() -> None:
    data = bytearray(epub("<p>글.</p>"))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refusal(bytes(data)).code == "epub-encrypted"


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a "하">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "file:///etc/hostname">',
        '<!ENTITY a0 "하하하하하하하하하하"><!ENTITY a "&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;">',
    ],
)
def test_entities_that_a_file_declares_are_refused(entity: str) -> None:
    data = chapter("<p>&a;</p>").replace("<!DOCTYPE html>", f"<!DOCTYPE html [{entity}]>")
    assert refusal(epub("", c1=data)).code == "epub-bomb"
    assert refusal(epub("", c1=data.replace("utf-8", "utf-16").encode("utf-16"))).code == "epub-bomb"


def test_a_file_that_swells_absurdly_is_refused_unopened() -> None:
    assert refusal(epub("", c1=b" " * 10 * 2**20)).code == "epub-bomb"


def test_a_bomb_beside_the_chapters_is_refused_too() -> None:
    entries = entries_of("<p>글.</p>") | {"OEBPS/pic.png": bytes(10 * 2**20)}
    assert refusal(zipped(entries)).code == "epub-bomb"


def test_a_bomb_within_a_bomb_is_never_unpacked() -> None:
    inner = zipped({"inner.xhtml": bytes(50 * 2**20)})
    assert refusal(epub("", c1=inner)).code == "epub-broken"


def test_a_false_small_size_does_not_help_a_bomb() -> None:
    data = bytearray(epub("", c1=b"<p>" + b" " * 10 * 2**20))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entry = opened.getinfo("OEBPS/c1.xhtml")
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    assert entry.file_size > 1000
    assert refusal(bytes(data)).code == "epub-broken"


def test_more_text_than_anybody_writes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_READ_BYTES", 4000)
    assert read_epub(epub("<p>짧다.</p>")).text == "짧다."
    error = refusal(epub("<p>길다.</p>" * 300))
    assert isinstance(error, TooLarge)
    assert error.code == "epub-too-large"


def test_more_entries_than_any_book_has_are_refused() -> None:
    entries = entries_of("<p>글.</p>") | {f"{n}": b"" for n in range(archive.MOST_ENTRIES)}
    assert refusal(zipped(entries)).code == "epub-bomb"


@pytest.mark.parametrize("name", ["../evil.xhtml", "/etc/passwd", "OEBPS/../../evil", "C:/evil", "a\\..\\b"])
def test_names_that_point_outside_are_refused(name: str) -> None:
    assert refusal(zipped(entries_of("<p>글.</p>") | {name: "x"})).code == "epub-broken"
    package = PACKAGE % (ITEM % f"../{name}", ITEMREF)
    assert refusal(epub(package=package)).code == "epub-broken"


@pytest.mark.parametrize(
    "data",
    [
        epub(package=PACKAGE % ("", "")),
        epub(package=PACKAGE % ("", ITEMREF)),
        epub(package=PACKAGE % (ITEM % "gone.xhtml", ITEMREF)),
        epub(package="<package"),
        epub(container="<container/>"),
        epub(container="<container><rootfile/></container>"),
        epub("<p>닫지 않은 글"),
        epub("", c1=chapter("<p>글</p>").replace("utf-8", "euc-kr")),
        epub("", c1=b"\xff\xfe\x00"),
        epub("<p>글.</p>")[:-30],
        epub("<p>글.</p>")[:200],
        zipped({"mimetype": "application/epub+zip"}),
        zipped(entries_of("<p>글.</p>"), packing=zipfile.ZIP_LZMA),
        b"PK\x03\x04",
    ],
    ids=range(14),
)
def test_broken_books_are_refused_in_a_sentence(data: bytes) -> None:
    error = refusal(data)
    assert isinstance(error, Invalid)
    assert error.code == "epub-broken"


def test_a_book_without_text_is_an_empty_text() -> None:
    assert read_epub(epub("<p><img src='a.png' alt='그림'/></p>")).text == ""


def test_an_epub_is_known_by_its_content() -> None:
    assert is_epub(epub("<p>글.</p>"))
    assert not is_epub(zipped({"a.txt": "글"}))
    assert not is_epub("글".encode())


WHOLE = epub("<h1>제목</h1><p>첫 문단.</p>", "<p>둘째 문단.</p>")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_whatever_is_broken_the_answer_is_a_book_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    try:
        read_epub(bytes(data))
    except DomainError as error:
        assert error.field == "file"  # noqa: PT017 - a book is right as well
