# 이음 (Ieum). `make` alone lists what there is.

ROOT := $(dir $(lastword $(MAKEFILE_LIST)))
PYTHON ?= python3
SHOTS ?= shots
NEEDED = 파이썬 3.11 이상이 필요해요. 다른 이름이면: make PYTHON=python3.11 … (Python 3.11 or newer is needed)
BOOTSTRAP = cd "$(ROOT)" && exec $(PYTHON) -m scripts.bootstrap

.DEFAULT_GOAL := help
.PHONY: help run quick test test-faults lint shots lock texts clean python

help:  ## 이 목록 · this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 · /p' "$(ROOT)Makefile"

run: python  ## 이음 열기 · the whole site on this machine (PORT=8000 HOST=127.0.0.1 INSTANCE=instance)
	@$(BOOTSTRAP) run.py

quick: python  ## 빠른 검사 · while you work: no servers, no browser, no training (two minutes)
	@$(BOOTSTRAP) --dev -m pytest --quick $(ARGS)

test: python  ## 모든 검사 · before every commit: the whole suite (ARGS='-k voting' or ARGS=tests/api/test_polls.py narrows it)
	@$(BOOTSTRAP) --dev --browser -m pytest $(ARGS)

test-faults: python  ## 고장 검사 · by hand: every fault as often as promised, with a table (about an hour and a half)
	@export FAULTS=full && $(BOOTSTRAP) --dev -m pytest -n0 tests/faults $(ARGS)

lint: python  ## 글씨 검사 · ruff, mypy and djlint
	@$(BOOTSTRAP) --dev -m scripts.lint

shots: python  ## 화면 사진 · screenshots of the story in a browser, kept in SHOTS=shots
	@export SHOTS="$(abspath $(SHOTS))" && $(BOOTSTRAP) --dev --browser -m pytest -n0 tests/browser $(ARGS)

lock: python  ## 판 고정 · pin the newest versions that requirements*.in allow
	@$(BOOTSTRAP) -m scripts.lock

texts: python  ## 번역할 글 · bring webapp/translations/en up to date with the sentences in the code
	@$(BOOTSTRAP) -m babel.messages.frontend -q extract -F babel.cfg -k N_ --no-location --sort-output -o messages.pot .
	@$(BOOTSTRAP) -m babel.messages.frontend -q update -i messages.pot -d webapp/translations -l en --no-fuzzy-matching --ignore-pot-creation-date --width 110 --ignore-obsolete

clean:  ## 치우기 · remove what was built, but never instance/
	@cd "$(ROOT)" && rm -rf .venv node_modules webapp/static/dist shots .pytest_cache .mypy_cache .ruff_cache .hypothesis

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(NEEDED)" >&2; exit 1; }
