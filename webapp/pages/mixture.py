"""The mix of styles that the writer writes in, in words."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.core.library import queries as library


def mix_line(shares: Mapping[str, float]) -> str:
    """Novels (by id) with their shares of the mix, the largest first."""
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    return ", ".join(f"‘{library.get(int(novel_id)).title}’ {share:.0%}" for novel_id, share in ordered)
