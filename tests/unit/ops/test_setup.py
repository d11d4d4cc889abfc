"""The small decisions of set-up."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from config import Settings
from scripts import browser, front_end, instance, ports, quiet, redis_server, stamps
from scripts.bootstrap import split_flags
from scripts.places import ROOT
from scripts.say import Trouble


def test_a_fingerprint_changes_with_content_name_and_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    first, second = tmp_path / "하나", tmp_path / "둘"
    first.write_text("가")
    marks = [stamps.fingerprint([first]), stamps.fingerprint([first], "3.12"), stamps.fingerprint([second])]
    first.write_text("나")
    marks.append(stamps.fingerprint([first]))
    assert len(set(marks)) == 4


def test_a_step_is_fresh_only_with_the_mark_it_was_done_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")
    assert not stamps.is_fresh("packages", "하나")
    stamps.stamp("packages", "하나")
    assert stamps.is_fresh("packages", "하나")
    assert not stamps.is_fresh("packages", "둘")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "디스크가 가득"),
        ("npm error code ENOSPC", "디스크가 가득"),
        ("Temporary failure in name resolution", "인터넷 연결"),
        ("npm error code ENOTFOUND", "인터넷 연결"),
        ("SyntaxError", "자세한 기록"),
    ],
)
def test_a_failure_is_explained_by_its_likeliest_reason(output: str, sentence: str) -> None:
    assert sentence in str(quiet.explain("pip", output))


def test_a_failing_tool_becomes_a_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "SETUP_LOG", tmp_path / "setup.log")
    with pytest.raises(Trouble, match="인터넷 연결"):
        quiet.run_quietly(["sh", "-c", "echo ETIMEDOUT; exit 1"])
    quiet.run_quietly(["true"])


def test_own_flags_stand_first_and_the_rest_is_passed_on() -> None:
    assert split_flags(["--dev", "-m", "pytest", "--browser"]) == ({"--dev"}, ["-m", "pytest", "--browser"])


@pytest.mark.parametrize(("version", "enough"), [("v20.0.0", True), ("v18.20.4", False), ("v24.1.0", True)])
def test_only_a_new_enough_node_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, enough: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert front_end.node_is_new_enough() is enough


def test_without_node_ours_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not front_end.node_is_new_enough()


def test_under_ci_a_missing_browser_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Trouble, match="브라우저가 없어서"):
        browser.prepare()


def test_elsewhere_a_missing_browser_is_only_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    browser.prepare()
    assert "건너뛰어요" in capsys.readouterr().out


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "ROOM_NEEDED", 1 << 62)
    with pytest.raises(Trouble, match="빈자리가 모자라요"):
        instance.make_ready(tmp_path)


def test_the_instance_folder_is_relative_to_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANCE", "어떤 방")
    assert instance.instance_folder() == ROOT / "어떤 방"
    monkeypatch.delenv("INSTANCE")
    assert instance.instance_folder() == ROOT / "instance"


@pytest.mark.parametrize(("name", "inside"), [("짧은 이름", True), ("긴" * 80, False)])
def test_a_socket_lies_in_its_instance_unless_the_path_is_too_long(
    tmp_path: Path, name: str, inside: bool
) -> None:
    folder = tmp_path / name
    path = redis_server.socket_path(folder)
    assert (path.parent == folder) is inside
    assert len(str(path).encode()) <= redis_server.LONGEST_SOCKET_PATH
    assert path == redis_server.socket_path(folder)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_the_address_can_be_opened_in_a_browser(host: str, address: str) -> None:
    assert ports.address(host, 8000) == address


@pytest.mark.parametrize("name", ["이음 방", "긴" * 80])
def test_commands_in_another_terminal_find_the_same_redis(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    settings = Settings.from_environment({"INSTANCE": str(folder)})
    connection = Redis.from_url(settings.redis_url).connection_pool.connection_kwargs
    assert connection["path"] == str(redis_server.socket_path(folder))
