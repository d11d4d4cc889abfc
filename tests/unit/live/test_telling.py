"""Events on the wire, and the order in which they are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from webapp.live.telling import GAP, InOrder, Told

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def told(event_id: int, moment: datetime = NOON) -> Told:
    return Told(event_id, 1, "ballots", {"ballots": event_id}, moment)


def ids(events: list[Told]) -> list[int]:
    return [event.id for event in events]


class TestInOrder:
    def test_events_without_a_gap_are_told_at_once(self) -> None:
        order = InOrder(4)
        assert ids(order.take([told(5), told(6)], NOON)) == [5, 6]
        assert order.position == 6

    def test_an_event_behind_a_missing_id_waits(self) -> None:
        order = InOrder(4)
        assert ids(order.take([told(5), told(7)], NOON)) == [5]
        assert ids(order.take([told(6), told(7)], NOON)) == [6, 7]

    def test_it_waits_no_longer_than_a_commit_may_take(self) -> None:
        order = InOrder(4)
        assert ids(order.take([told(7), told(8)], NOON + GAP)) == [7, 8]

    def test_steps_between_ids_delay_events_but_do_not_pile_up(self) -> None:
        order = InOrder(0)
        found = [told(step * 3, NOON + timedelta(seconds=step)) for step in range(1, 10)]
        assert ids(order.take(found, NOON + timedelta(seconds=6))) == [3, 6, 9, 12]


class TestFrame:
    def test_a_frame_is_one_event_whatever_stands_in_it(self) -> None:
        event = Told(7, 1, "passage", {"text": "첫 줄\n\nid: 9\n둘째 줄"}, NOON)
        lines = event.frame("ko", str).decode().split("\n")
        assert lines[0] == "id: 7"
        assert lines[1] == "event: passage"
        assert json.loads(lines[2].removeprefix("data: ")) == event.payload
        assert lines[3:] == ["", ""]

    def test_a_message_is_translated_for_each_language(self) -> None:
        event = Told(7, 1, "progress", {"message": "쓰고 있어요."}, NOON)
        assert "쓰고 있어요." in event.frame("ko", str).decode()
        assert "Writing." in event.frame("en", {"쓰고 있어요.": "Writing."}.__getitem__).decode()
