"""How the entries of the audit log hang together."""

from __future__ import annotations

import hashlib
import json
from typing import Any

START = "0" * 64
"""What stands before the first entry."""


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as it will be read back from JSON, so that it hashes the same then."""
    result: dict[str, Any] = json.loads(json.dumps(detail))
    return result


def entry_hash(previous_hash: str, fields: dict[str, Any]) -> str:
    """SHA-256, in hex, over the hash before and the canonical JSON of an entry's fields."""
    return hashlib.sha256(
        f"{previous_hash}\n{canonical(fields)}".encode("utf-8", "surrogatepass")
    ).hexdigest()
