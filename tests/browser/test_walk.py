"""The whole relay in a real browser: a participant at a phone, another and a moderator at their desks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitor import DESKTOP, PHONE, Album, Visitor, visitor
from tests.rest import PASSWORD, moderator
from tests.site import Site
from tests.texts import three_novels

TITLE = "등대지기의 빈 의자"
PREMISE = "바다가 얼어붙은 겨울, 섬에 하나뿐인 등대에서 등대지기가 사라졌어요. 남은 것은 아직 따뜻한 의자 하나뿐이에요."
OPENING = (
    "등대의 불은 그날 밤에도 켜져 있었다. 다만 그 불을 켠 사람이 없었다.\n\n"
    "단오는 계단을 백이십 개까지 세다가 그만두었다. 꼭대기 방에는 의자 하나가 창 쪽으로 돌려져 있었고, "
    "손을 얹어 보니 아직 따뜻했다.\n\n“할아버지?”\n\n대답 대신 바람이 유리를 한 번 두드리고 지나갔다."
)
DRAFTS = {
    1: (
        "단오는 의자에 앉아 보았다. 얼어붙은 바다 위로 발자국 한 줄이 수평선까지 이어져 있었다. 돌아온 발자국은 없었다.",
        "의자 밑에 낡은 항해 일지가 있었다. 마지막 쪽에는 단 한 줄이 적혀 있었다. ‘고래가 문을 두드린다.’",
    ),
    2: (
        "그때 아래층에서 문 열리는 소리가 났다. 누군가 젖은 장화를 벗어 기대 놓고, 천천히 계단을 오르기 시작했다.",
        "단오는 등불을 들고 바다로 내려갔다. 얼음 밑에서 무언가 커다란 것이 느리게 숨을 쉬고 있었다.",
    ),
}
NOMINATE = "작가 AI에게 읽힐 원작을 추천해 주세요"
CHOOSE_NOVEL = "어떤 원작을 읽힐까요?"
WRITE = "이어질 대목을 써 주세요"
CHOOSE = "다음 대목을 골라 주세요"
ASK = "작가 AI에게 부탁할 것을 정해요"
READING = "작가 AI가 읽고 있어요"
WRITING = "작가 AI가 쓰고 있어요"


@dataclass
class Company:
    """Those who take part: `phone` and `desk` are participants, `keeper` is the moderator."""

    phone: Visitor
    desk: Visitor
    keeper: Visitor
    album: Album
    story: int

    @property
    def everybody(self) -> tuple[Visitor, Visitor]:
        """The two participants, whose screens are photographed side by side."""
        return self.phone, self.desk


@pytest.fixture
def company(site: Site, browser: Browser, album: Album) -> Iterator[Company]:
    """Three people before a new story; a source turn comes again after two other turns."""
    settings = {"source_every": 2, "lengths": [150, 250, 400], "drafts": 3, "enough_ballots": 9}
    sent = {"title": TITLE, "premise": PREMISE, "opening": OPENING, "settings": settings}
    story = moderator(site, "바다지기").post("/stories", sent)["id"]
    with ExitStack() as stack:
        people = [
            stack.enter_context(visitor(browser, site.address, width)) for width in (PHONE, DESKTOP, DESKTOP)
        ]
        yield Company(*people, album, story)


def test_two_people_and_a_moderator_raise_a_story(company: Company) -> None:
    arrive(company)
    for number in (1, 2):
        source_turn(company, number)
        human_turn(company, number)
        machine_turn(company, number)
    look_back(company)


def arrive(company: Company) -> None:
    """Visit, sign up and log in."""
    for person in company.everybody:
        person.go("/")
    company.album.step("home", *company.everybody)
    for person in company.everybody:
        person.go(f"/stories/{company.story}")
    company.album.step("story-as-visitor", *company.everybody)
    sign_up_after_an_error(company.phone, "달래", company.album)
    sign_up(company.desk, "머루")
    company.keeper.go("/")
    company.keeper.link("로그인")
    company.album.step("log-in", company.keeper)
    enter(company.keeper, "바다지기", PASSWORD, "로그인")
    expect(company.keeper.page.locator("details.menu summary")).to_have_text("바다지기")


def sign_up_after_an_error(person: Visitor, name: str, album: Album) -> None:
    """A password that is too short is refused; the name that was typed is still there."""
    person.link("로그인")
    person.link("가입하기")
    with person.refused():
        enter(person, name, "짧다", "가입하기")
        expect(person.page.locator("#password-problem")).to_be_visible()
    expect(person.page.get_by_label("이름", exact=True)).to_have_value(name)
    album.step("sign-up-refused", person)
    enter(person, name, PASSWORD, "가입하기")
    expect(person.page.locator("details.menu summary")).to_have_text(name)


def sign_up(person: Visitor, name: str) -> None:
    """Sign up."""
    person.link("로그인")
    person.link("가입하기")
    enter(person, name, PASSWORD, "가입하기")
    expect(person.page.locator("details.menu summary")).to_have_text(name)


def enter(person: Visitor, name: str, password: str, button: str) -> None:
    """Fill in a form of name and password and send it."""
    person.fill("이름", name)
    person.fill("비밀번호", password)
    person.page.locator("main").get_by_role("button", name=button).click()


def panel(person: Visitor) -> Locator:
    """The turn panel."""
    return person.page.locator("#turn")


def source_turn(company: Company, number: int) -> None:
    """Upload a novel, nominate, vote; watch the writer read."""
    company.phone.go(f"/stories/{company.story}")
    company.phone.sees_title(NOMINATE)
    upload = three_novels()[number - 1]
    upload_novel(company, upload.title, upload.form, upload.filename, upload.data, photographed=number == 1)
    approve(company, upload.title, photographed=number == 1)
    company.desk.go(f"/stories/{company.story}/turn")
    nominate(company.desk, upload.title)
    nominate(company.phone, ("바람 없음", "두부 종 실종 사건")[number - 1])
    if number == 1:
        company.album.step("source-nominated", *company.everybody)
    close_phase(company)
    for person in company.everybody:
        person.sees_title(CHOOSE_NOVEL)
    choose(company.phone, panel(company.phone).locator("label.choice", has_text=upload.title))
    choose(
        company.desk,
        panel(company.desk).locator("label.choice").first,
        panel(company.desk).locator("label.choice").last,
    )
    if number == 1:
        company.album.step("source-voted", *company.everybody)
    close_phase(company)
    company.phone.sees_title(READING)
    if number == 1:
        company.phone.sees_progress()
        company.album.step("source-reading", *company.everybody)
    for person in company.everybody:
        person.sees_title(WRITE)


def upload_novel(
    company: Company, title: str, form: dict[str, str], filename: str, data: bytes, *, photographed: bool
) -> None:
    """Nominate a novel by file, at first without saying when its author died: what was typed survives that."""
    page = company.desk.page
    company.desk.go(f"/stories/{company.story}/turn")
    company.desk.link("서재에 없는 글을 새로 올리기")
    file = {"name": filename, "mimeType": "text/plain", "buffer": data}
    page.get_by_label("파일로 올리기").set_input_files(files=[file])
    company.desk.fill("제목", title)
    company.desk.fill("지은이", form["author"])
    if form["rights"] == "public-domain":
        page.get_by_role("radio", name="보호 기간이 끝난 옛 글이에요").check()
        with company.desk.refused():
            company.desk.button("올리기")
            expect(page.locator("#author_died-problem")).to_be_visible()
        expect(page.get_by_label("제목", exact=True)).to_have_value(title)
        expect(page.get_by_role("radio", name="보호 기간이 끝난 옛 글이에요")).to_be_checked()
        if photographed:
            company.album.step("novel-refused", company.desk)
        page.get_by_label("파일로 올리기").set_input_files(files=[file])
        company.desk.fill("지은이가 떠난 해", form["author_died"])
    else:
        page.get_by_role("radio", name="누구나 쓰도록 허락된 글이에요").check()
        company.desk.fill("이용 허락 조건", form["licence"])
    company.desk.button("올리기")
    expect(page.get_by_text(title).first).to_be_visible()


def approve(company: Company, title: str, *, photographed: bool) -> None:
    """The moderator lets the novel into the library."""
    keeper = company.keeper
    to_moderation(keeper)
    if photographed:
        company.album.step("moderation-pending", keeper)
    row = keeper.page.get_by_role("listitem").filter(has_text=title)
    row.get_by_role("button", name="승인하기").click()
    expect(keeper.page.get_by_role("button", name="승인하기")).to_have_count(0)


def to_moderation(keeper: Visitor) -> None:
    """Open the moderators' page by the menu."""
    keeper.go("/")
    keeper.page.locator("details.menu summary").click()
    keeper.link("운영 자리")


def close_phase(company: Company) -> None:
    """The moderator ends the phase of this story now."""
    keeper = company.keeper
    to_moderation(keeper)
    room = keeper.page.locator("section", has=keeper.page.get_by_role("heading", name=TITLE))
    room.get_by_role("button", name="지금 단계 닫기").click()
    expect(keeper.page.locator("#flash .flash")).to_be_visible()


def nominate(person: Visitor, title: str) -> None:
    """Nominate a novel of the library, unless it was nominated by uploading it for this turn."""
    if panel(person).get_by_role("listitem").filter(has_text=title).count():
        return
    select = person.page.get_by_label("서재에서 고르기")
    select.select_option(select.locator("option", has_text=title).get_attribute("value"))
    person.button("추천하기")
    expect(panel(person).get_by_role("listitem").filter(has_text=title).first).to_be_visible()


def choose(person: Visitor, *labels: Locator) -> None:
    """Tick options and vote."""
    for label in labels:
        label.locator("input").check()
    person.button("투표하기")
    expect(panel(person).get_by_role("button", name="표 바꾸기")).to_be_visible()


def human_turn(company: Company, number: int) -> None:
    """Both write, the first one after a refusal; one of the drafts is chosen."""
    phone, desk = company.everybody
    if number == 1:
        with phone.refused():
            phone.fill("이어질 대목", "너무 짧아요")
            phone.button("초안 내기")
            expect(phone.page.locator("#text-problem")).to_be_visible()
        expect(phone.page.get_by_label("이어질 대목", exact=True)).to_have_value("너무 짧아요")
        company.album.step("draft-refused", phone)
        phone.go(f"/stories/{company.story}/turn")
    desk.go(f"/stories/{company.story}/turn")
    for person, text in zip(company.everybody, DRAFTS[number], strict=True):
        person.fill("이어질 대목", text)
        if number == 1:
            company.album.step("writing", person)
        person.button("초안 내기")
        expect(person.page.locator("#flash .flash")).to_be_visible()
    if number == 1:
        company.album.step("draft-handed-in", *company.everybody)
    close_phase(company)
    for person in company.everybody:
        person.sees_title(CHOOSE)
        choose(person, panel(person).locator("label.draft", has_text=DRAFTS[number][0][:20]))
    if number == 1:
        company.album.step("human-voted", *company.everybody)
    close_phase(company)
    for person in company.everybody:
        person.sees_title(ASK)


def machine_turn(company: Company, number: int) -> None:
    """Words and length are voted for, the writer writes, a draft of its is chosen and appears in the story."""
    phone, desk = company.everybody
    suggest(desk, "등불")
    suggest(phone, "고래")
    for person in company.everybody:
        person.go(f"/stories/{company.story}")
        for word in ("등불", "고래"):
            panel(person).get_by_role("checkbox", name=word).check()
        person.button("낱말에 투표")
        expect(panel(person).get_by_role("button", name="낱말 표 바꾸기")).to_be_visible()
        panel(person).get_by_role("radio", name="250자").check()
        person.button("길이에 투표")
        expect(panel(person).get_by_role("button", name="길이 표 바꾸기")).to_be_visible()
    if number == 1:
        company.album.step("machine-wishes", *company.everybody)
    close_phase(company)
    phone.sees_title(WRITING)
    if number == 1:
        phone.sees_progress()
        company.album.step("machine-working", *company.everybody)
    for person in company.everybody:
        person.sees_title(CHOOSE)
        drafts = panel(person).locator("label.draft")
        expect(drafts).to_have_count(3)
        for text in drafts.locator(".draft-text").all_inner_texts():
            assert "등불" in text
            assert "고래" in text
            assert 212 <= len(text) <= 288
    if number == 1:
        company.album.step("machine-drafts", *company.everybody)
        check_none_of_these_stands_alone(phone)
    for person in company.everybody:
        choose(person, panel(person).locator("label.draft").nth(1))
    close_phase(company)
    for person in company.everybody:
        expect(person.page.locator("article.passage.machine")).to_have_count(number)
        person.sees_title(NOMINATE)
    company.album.step(f"story-after-round-{number}", *company.everybody)


def suggest(person: Visitor, word: str) -> None:
    """Suggest a keyword."""
    person.fill("새 낱말 제안하기", word)
    person.button("제안")
    expect(panel(person).get_by_role("checkbox", name=word)).to_be_visible()


def check_none_of_these_stands_alone(person: Visitor) -> None:
    """Ticking "none of these" unticks the drafts, and the other way round."""
    draft, none = panel(person).locator("label.draft input").first, panel(person).locator("input[data-none]")
    draft.check()
    none.check()
    expect(draft).not_to_be_checked()
    draft.check()
    expect(none).not_to_be_checked()
    draft.uncheck()


def look_back(company: Company) -> None:
    """See how the last passage came to be, recount its vote, and follow the writer's growth."""
    for person in company.everybody:
        person.page.locator("article.passage.machine").last.get_by_role(
            "link", name="어떻게 쓰였나요?"
        ).click()
        expect(person.page.locator("h1")).to_contain_text("어떻게 쓰였나요?")
    company.album.step("passage-origin", *company.everybody)
    for person in company.everybody:
        person.link("표를 직접 다시 세어 보기")
        expect(person.page.get_by_role("table")).to_be_visible()
    company.album.step("recount", *company.everybody)
    for person in company.everybody:
        person.go("/")
    company.album.step("home-signed-in", *company.everybody)
    for person in company.everybody:
        person.link("작가 AI")
        expect(person.page.locator("ol.growth > li").first).to_be_visible()
    company.album.step("writer", *company.everybody)
    for person in company.everybody:
        person.page.locator("ol.growth > li", has_text="글을 읽었어요").first.get_by_role(
            "link"
        ).first.click()
        expect(person.page.locator(".uplot canvas").first).to_be_visible()
    company.album.step("checkpoint", *company.everybody)
    for width in (DESKTOP, PHONE):
        company.keeper.sit_down_at(width)
        to_moderation(company.keeper)
        company.album.step("moderation", company.keeper)
        company.keeper.link("이야기 열기")
        company.album.step("new-story", company.keeper)
