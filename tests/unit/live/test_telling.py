"""Events on the wire."""

from __future__ import annotations

import json

from webapp.live.telling import Told


class TestFrame:
    def test_a_frame_is_one_event_whatever_stands_in_it(self) -> None:
        event = Told(7, 1, "passage", {"text": "첫 줄\n\nid: 9\n둘째 줄"})
        lines = event.frame("ko", str).decode().split("\n")
        assert lines[0] == "id: 7"
        assert lines[1] == "event: passage"
        assert json.loads(lines[2].removeprefix("data: ")) == event.payload
        assert lines[3:] == ["", ""]

    def test_a_message_is_translated_for_each_language(self) -> None:
        event = Told(7, 1, "progress", {"message": "쓰고 있어요."})
        assert "쓰고 있어요." in event.frame("ko", str).decode()
        assert "Writing." in event.frame("en", {"쓰고 있어요.": "Writing."}.__getitem__).decode()
