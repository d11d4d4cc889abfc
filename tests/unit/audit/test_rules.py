"""How audit entries hash."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from webapp.core.audit import rules

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_the_hash_is_sha256_over_the_hash_before_and_canonical_json() -> None:
    expected = hashlib.sha256((rules.START + '\n{"가":1,"나":[true,null]}').encode()).hexdigest()
    assert rules.entry_hash(rules.START, {"나": [True, None], "가": 1}) == expected


@given(st.dictionaries(st.text(max_size=5) | st.integers(), VALUES, max_size=4))
def test_a_detail_hashes_the_same_once_it_has_been_json(detail: dict) -> None:
    once = rules.plain(detail)
    assert rules.canonical(rules.plain(once)) == rules.canonical(once)


def test_a_change_of_a_field_or_of_the_hash_before_changes_the_hash() -> None:
    fields = {"action": "approve", "subject_id": 1}
    kept = rules.entry_hash(rules.START, fields)
    assert rules.entry_hash(rules.START, {**fields, "subject_id": 2}) != kept
    assert rules.entry_hash("1" * 64, fields) != kept
