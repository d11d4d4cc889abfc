"""What a novel has to be, whose rights it is under, and how it comes into the library."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest

from webapp.core.library import rules
from webapp.errors import Conflict, DomainError, Invalid

YEAR = 2026
PROSE = "비가 그친 저녁, 마을버스의 마지막 차가 종점에 닿았다. "


def refusal(kind: type[DomainError], check: object, *values: object, **named: object) -> DomainError:
    """The refusal that a check answers with."""
    with pytest.raises(kind) as caught:
        check(*values, **named)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize("died", [1955, 1962, 1937, 1150, 500])
def test_works_of_authors_who_died_until_1962_are_free(died: int) -> None:
    assert rules.check_author_died(died, YEAR) == died


@pytest.mark.parametrize(("died", "free"), [(1963, 2034), (1998, 2069), (2026, 2097)])
def test_later_authors_are_protected_for_seventy_years(died: int, free: int) -> None:
    error = refusal(Invalid, rules.check_author_died, died, YEAR)
    assert (error.code, error.field) == ("still-protected", "author_died")
    assert f"{free}년 1월 1일" in str(error)


def test_protection_ends_with_the_year_and_not_before() -> None:
    assert rules.check_author_died(1963, 2034) == 1963
    assert refusal(Invalid, rules.check_author_died, 1963, 2033).code == "still-protected"


@pytest.mark.parametrize("died", [2027, 9999, 499, 12, 0, -1])
def test_years_that_cannot_be_are_refused(died: int) -> None:
    assert refusal(Invalid, rules.check_author_died, died, YEAR).code == "author-died-absurd"


def test_the_public_domain_needs_the_year_of_death() -> None:
    error = refusal(Invalid, rules.check_rights, "public-domain", author_died=None, licence=None, year=YEAR)
    assert (error.code, error.field) == ("author-died-needed", "author_died")


@pytest.mark.parametrize("licence", [None, "", " ", "\u3164", "C"])
def test_a_licence_needs_its_name(licence: str | None) -> None:
    error = refusal(Invalid, rules.check_rights, "licence", author_died=None, licence=licence, year=YEAR)
    assert (error.code, error.field) == ("licence-needed", "licence")


def test_a_licence_name_has_a_greatest_length() -> None:
    assert rules.check_licence("가" * 120) == "가" * 120
    assert refusal(Invalid, rules.check_licence, "가" * 121).code == "licence-too-long"


def test_of_the_rights_only_what_was_asked_for_is_kept() -> None:
    def answers(rights: str) -> tuple[int | None, str | None]:
        return rules.check_rights(rights, author_died=1937, licence=" CC  BY 4.0 ", year=YEAR)

    assert answers("public-domain") == (1937, None)
    assert answers("licence") == (None, "CC BY 4.0")
    assert answers("own") == (None, None)
    assert refusal(Invalid, answers, "mine").code == "unknown-rights"


@pytest.mark.parametrize("title", ["", "  ", "\u200b\u3164", "\x00"])
def test_a_title_has_something_to_see(title: str) -> None:
    assert refusal(Invalid, rules.check_title, title).code == "title-needed"
    assert refusal(Invalid, rules.check_author, title).code == "author-needed"


def test_titles_and_authors_become_one_composed_line() -> None:
    assert rules.check_title(unicodedata.normalize("NFD", " 동백꽃\n ")) == "동백꽃"
    assert rules.check_author("김\u202e유정\t") == "김유정"


def test_titles_and_authors_have_a_greatest_length() -> None:
    assert refusal(Invalid, rules.check_title, "가" * 121).code == "title-too-long"
    assert refusal(Invalid, rules.check_author, "가" * 81).code == "author-too-long"


@pytest.mark.parametrize(
    ("title", "author"),
    [
        (unicodedata.normalize("NFD", "동백꽃"), "김유정"),
        ("「동백꽃」", "김 유정"),
        (" 동백 꽃 ", "김유정."),
    ],
)
def test_one_work_has_one_key_however_it_is_typed(title: str, author: str) -> None:
    assert rules.live_key(title, author) == rules.live_key("동백꽃", "김유정")


def test_different_works_have_different_keys() -> None:
    assert rules.live_key("불", "현진건") != rules.live_key("불", "백신애")
    assert rules.live_key("가나", "다") != rules.live_key("가", "나다")
    assert rules.live_key("…", "작자 미상") != rules.live_key("!", "작자 미상")


def test_the_key_of_the_longest_names_fits_its_column() -> None:
    # One letter that the compatibility form writes as eighteen.
    assert len(rules.live_key("\ufdfa" * 120, "\ufdfa" * 80)) <= 240


def test_a_text_must_not_be_too_short() -> None:
    rules.check_text("가" * 20)
    error = refusal(Invalid, rules.check_text, "가" * 19, field="file")
    assert (error.code, error.field) == ("novel-too-short", "file")
    assert "20자" in str(error)
    assert "19자" in str(error)


@pytest.mark.parametrize("text", ["It was a dark and stormy night. " * 9, "1234567890 " * 9, "……!? " * 9])
def test_a_text_without_hangul_is_refused(text: str) -> None:
    error = refusal(Invalid, rules.check_text, text)
    assert error.code == "not-korean"
    assert "30%" in str(error)


def test_old_prose_with_many_hanja_is_taken() -> None:
    rules.check_text(
        "朝鮮의 文學은 이제 새로운 時代를 맞이하였으니 우리의 靑年들이 나아갈 길은 오직 하나이다."
    )


def test_every_status_and_decision_leads_somewhere_or_is_refused() -> None:
    allowed = {
        ("pending", "approve"): "approved",
        ("pending", "reject"): "rejected",
        ("pending", "withdraw"): "withdrawn",
        ("approved", "withdraw"): "withdrawn",
    }
    for status, decision in product(("pending", "approved", "rejected", "withdrawn"), rules.DECISIONS):
        if (status, decision) in allowed:
            assert rules.next_status(status, decision) == allowed[status, decision]
        else:
            assert refusal(Conflict, rules.next_status, status, decision).code == "novel-decided"


def test_an_unknown_decision_is_refused() -> None:
    assert refusal(Invalid, rules.next_status, "pending", "burn").code == "unknown-decision"


def test_only_a_rejection_needs_a_reason() -> None:
    assert refusal(Invalid, rules.check_reason, "reject", " \u3164 ").code == "reason-needed"
    assert rules.check_reason("reject", " 허락이  확인되지 않아요.\n") == "허락이 확인되지 않아요."
    assert rules.check_reason("approve", "") == ""
    assert refusal(Invalid, rules.check_reason, "approve", "가" * 501).code == "reason-too-long"
