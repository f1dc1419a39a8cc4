"""Whether two jobs answered the same, without anything heavy: the process that starts the others stays small."""

from __future__ import annotations


def differences(one: object, other: object, *, where: str = "") -> list[str]:
    """Where two answers differ, in words; empty when they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = [f"{where}.{name} is there once only" for name in one.keys() ^ other.keys()]
        for name in sorted(one.keys() & other.keys()):
            found += differences(one[name], other[name], where=f"{where}.{name}")
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for at, (a, b) in pairs for line in differences(a, b, where=f"{where}[{at}]")]
    return [] if one == other else [f"{where}: {str(one)[:80]} against {str(other)[:80]}"]
