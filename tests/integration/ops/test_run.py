"""`run.py` with real processes, a real Redis and honcho; only the parts are small stand-ins."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from redis import Redis

from scripts import redis_server
from tests.integration.ops.site import PART, eventually, site

CALM = {"web": f"{PART} web", "worker": f"{PART} calm", "clock": f"{PART} calm"}


@pytest.mark.parametrize("last", [signal.SIGINT, signal.SIGTERM])
def test_when_asked_to_stop_everything_is_gone_within_ten_seconds(
    tmp_path: Path, last: signal.Signals
) -> None:
    with site(tmp_path, CALM) as started:
        started.wait_until_open()
        before = time.monotonic()
        assert started.stop(last) == 0
        assert started.processes() == []
        assert time.monotonic() - before < 10
        assert "Traceback" not in started.printed


def test_a_signal_during_the_very_start_leaves_nothing_either(tmp_path: Path) -> None:
    for pause in (0.2, 0.4, 0.5, 0.6):
        with site(tmp_path, CALM) as started:
            time.sleep(pause)
            started.stop(signal.SIGINT)
            assert started.processes() == []
            assert "Traceback" not in started.printed or pause == 0.2  # Python itself was still starting


def test_parts_that_do_not_listen_are_ended_with_their_children(tmp_path: Path) -> None:
    with site(tmp_path, {**CALM, "worker": f"{PART} stubborn"}) as started:
        started.wait_until_open()
        before = time.monotonic()
        started.stop(signal.SIGINT)
        assert started.processes() == []
        assert time.monotonic() - before < 10


def test_after_a_kill_the_folder_can_be_used_again_at_once(tmp_path: Path) -> None:
    with site(tmp_path, {**CALM, "worker": f"{PART} stubborn"}) as started:
        started.wait_until_open()
        started.process.kill()
        with site(tmp_path, CALM) as again:
            again.wait_until_open()
            assert started.marked() == []
            again.stop(signal.SIGINT)
        assert started.processes() == []


def test_nothing_outlives_a_killed_start(tmp_path: Path) -> None:
    with site(tmp_path, CALM) as started:
        started.wait_until_open()
        started.process.kill()
        assert eventually(lambda: not started.processes(), 10)


def test_a_part_that_ends_by_itself_is_named_and_ends_all(tmp_path: Path) -> None:
    with site(tmp_path, {**CALM, "clock": f"{PART} brief"}) as started:
        assert started.process.wait(timeout=20) == 1
        assert "clock 프로세스가 뜻밖에 끝나서(코드 3)" in started.printed
        assert started.processes() == []


def test_the_death_of_redis_is_named_and_ends_all(tmp_path: Path) -> None:
    with site(tmp_path, CALM) as started:
        started.wait_until_open()
        os.kill(started.command_of("valkey-server"), signal.SIGKILL)
        assert started.process.wait(timeout=20) == 1
        assert "redis 프로세스가 뜻밖에 끝나서" in started.printed
        assert started.processes() == []


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with site(tmp_path, CALM, PORT=port) as started:
            assert started.process.wait(timeout=20) == 1
    assert f"{port}번 포트를 다른 프로그램이 쓰고 있어요" in started.printed
    assert "Traceback" not in started.printed


def test_a_second_start_in_the_same_folder_tells_where_the_first_is(tmp_path: Path) -> None:
    with site(tmp_path, CALM) as first:
        first.wait_until_open()
        with site(tmp_path, CALM) as second:
            assert second.process.wait(timeout=20) == 1
            assert f"이미 실행 중이에요: {first.address}" in second.printed
            assert second.marked() == []
        assert first.process.poll() is None


@pytest.mark.parametrize("name", ["이야기 방/두 번째 자리", "길" * 60])
def test_instance_folders_may_have_korean_names_and_spaces_and_be_long(tmp_path: Path, name: str) -> None:
    with site(tmp_path, CALM, instance=tmp_path / name) as started:
        started.wait_until_open()
        with Redis.from_url(redis_server.address(started.instance)) as redis:
            assert redis.config_get("appendonly") == {"appendonly": "yes"}
            assert redis.config_get("port") == {"port": "0"}
            assert Path(redis.config_get("dir")["dir"]) == started.instance / "redis"
        started.stop(signal.SIGTERM)
        assert not redis_server.socket_path(started.instance).exists()


def test_a_given_redis_is_used_and_none_is_started(tmp_path: Path, redis_url: str) -> None:
    with site(tmp_path, CALM, REDIS_URL=redis_url) as started:
        started.wait_until_open()
        started.wait_for(f"redis at {redis_url}")
        with pytest.raises(LookupError):
            started.command_of("valkey-server")
        started.stop(signal.SIGTERM)


def test_redis_keeps_what_it_acknowledged_over_a_kill(tmp_path: Path) -> None:
    with site(tmp_path, CALM) as started:
        started.wait_until_open()
        with Redis.from_url(redis_server.address(started.instance)) as redis:
            redis.set("한 마디", "남아요")
        # The append-only file reaches the disk every second.
        time.sleep(1.5)
        os.kill(started.command_of("valkey-server"), signal.SIGKILL)
        started.process.wait(timeout=20)
    with site(tmp_path, CALM) as again:
        again.wait_until_open()
        with Redis.from_url(redis_server.address(again.instance), decode_responses=True) as redis:
            assert redis.get("한 마디") == "남아요"


def test_a_redis_file_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    files = tmp_path / "instance" / "redis" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("이것은 목록이 아니에요\n")
    with site(tmp_path, CALM) as started:
        started.wait_until_open()
    assert (tmp_path / "instance" / "redis.unreadable").is_dir()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with site(tmp_path, CALM, instance=tmp_path / "file" / "instance") as started:
        assert started.process.wait(timeout=20) == 1
    assert "쓸 수 없어요" in started.printed
    assert "Traceback" not in started.printed


@pytest.mark.parametrize(("name", "value"), [("PORT", "팔천"), ("PORT", "70000"), ("HOST", "203.0.113.7")])
def test_a_setting_that_cannot_be_used_is_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    with site(tmp_path, CALM, **{"PORT": "8123", name: value}) as started:
        assert started.process.wait(timeout=20) == 1
    assert value in started.printed
    assert "Traceback" not in started.printed


def test_a_failed_release_stops_the_start(tmp_path: Path) -> None:
    with site(tmp_path, {"release": "echo 표가 없어요 && exit 4", **CALM}) as started:
        assert started.process.wait(timeout=20) == 1
        assert "데이터베이스를 준비하지 못했어요" in started.printed
        assert started.processes() == []
