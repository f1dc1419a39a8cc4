"""What the frames about scores say, in named fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.answers import ASKED_DAYS, METRICS, Answers
from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.grades import worst
from rootcause_lib.vocabulary import ALL

ORDER = ("csat", "ces", "nps")
_SAID = 2
"""Metrics that are told of at the head of the page or beside a figure; the table has them all."""


def scores_headline(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """The clearest difference between channels, and what changing channel goes with."""
    base = asked.store.engagement.definitions.baseline_channel
    found = [one for metric in _told(frames["consistency"]) for one in _channels(frames["consistency"], metric, base)]
    return (*found[:1], *list(_switched(frames["switch_cost"], ("resolution",)))[:1])


def scores_readings(
    asked: Asked, answers: Answers, frames: Mapping[str, pd.DataFrame]
) -> Mapping[str, tuple[Finding, ...]]:
    """For the place beside each figure: by frame."""
    return MappingProxyType(
        {
            "consistency": tuple(_about_consistency(asked, answers, frames["consistency"])),
            "score_by_resolution": tuple(_about_resolution(asked, frames["score_by_resolution"])),
            "switch_cost": tuple(_about_switching(frames["switch_cost"])),
        }
    )


def scores_cannot_tell(answers: Answers, frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """That those who did not answer are not heard."""
    if not answers.scales:
        return (Finding("channel_scores.no_answers"),)
    rows = frames["consistency"]
    for row in records(rows[(rows["channel"] == ALL) & rows["metric"].isin(METRICS) & rows["answers"].notna()])[:1]:
        return (Finding("channel_scores.answerers_only", {"metric": str(row["metric"]), "share": _response(row)}),)
    return ()


def _told(consistency: pd.DataFrame) -> tuple[str, ...]:
    """The usual metrics that have answers, the nearest to the contact first."""
    here = set(consistency["metric"])
    return tuple(metric for metric in ORDER if metric in here)


def _about_consistency(asked: Asked, answers: Answers, consistency: pd.DataFrame) -> Iterator[Finding]:
    rules = asked.store.engagement.definitions
    told = _told(consistency)
    for metric in told[:_SAID]:
        yield from _channels(consistency, metric, rules.baseline_channel)
        yield from _verdicts(consistency, metric, rules.baseline_channel)
    judged = consistency["margin"].notna().any()
    if judged and rules.equivalence.agreed_on:
        yield Finding("channel_scores.agreed_on", {"agreed_on": rules.equivalence.agreed_on})
    elif judged:
        yield Finding("channel_scores.agreed_unknown")
    for metric in told:
        scale = answers.scales[metric]
        if scale.worse_is_higher:
            yield Finding("channel_scores.lower_is_better", {"metric": metric})
        if scale.elsewhere:
            yield Finding("channel_scores.elsewhere", {"metric": metric, "answers": scale.elsewhere})
        if scale.named < 1:
            yield Finding("channel_scores.unnamed", {"metric": metric, "days": ASKED_DAYS})


def _channels(consistency: pd.DataFrame, metric: str, base: str) -> Iterator[Finding]:
    """The channel that lies furthest from the baseline of those that clearly do, or that none does."""
    own = consistency[consistency["metric"] == metric]
    based = own[(own["channel"] == base) & own["score"].notna()]
    others = own[~own["channel"].isin([ALL, base]) & own["difference"].notna() & (own["grade"] != "D")]
    if based.empty:
        yield Finding("channel_scores.no_base", {"metric": metric, "baseline": base}, "D", ("too_few",))
        return
    if others.empty:
        return
    given: dict[str, Field] = {"metric": metric, "baseline": base}
    clear = others[(others["difference_low"] > 0) | (others["difference_high"] < 0)]
    if clear.empty:
        yield _graded("not_clear", given, *records(others))
        return
    far = records(clear.loc[[clear["difference"].abs().idxmax()]])[0]
    reference = records(based)[0]
    given |= {"channel": str(far["channel"]), "score": _value(far, "score"), "base": _value(reference, "score")}
    given["difference"] = _value(far, "difference")
    yield _graded("apart", given, far, reference)


def _verdicts(consistency: pd.DataFrame, metric: str, base: str) -> Iterator[Finding]:
    own = consistency[(consistency["metric"] == metric) & consistency["verdict"].notna()]
    for verdict in ("not_consistent", "consistent", "undecided", "no_margin"):
        rows = records(own[own["verdict"] == verdict])
        if not rows:
            continue
        given: dict[str, Field] = {"metric": metric, "baseline": base}
        if verdict != "no_margin":
            given |= {"channels": tuple(str(row["channel"]) for row in rows), "margin": _margin(rows)}
        yield _graded(verdict, given, *(rows if verdict != "no_margin" else ()))


def _about_resolution(asked: Asked, table: pd.DataFrame) -> Iterator[Finding]:
    for metric in [one for one in ORDER if one in set(table["metric"])][:_SAID]:
        own = table[(table["metric"] == metric) & table["difference"].notna()]
        rows = {str(row["resolution"]): row for row in records(own)}
        if not {"settled", "came_back"} <= set(rows):
            continue
        back, settled = rows["came_back"], rows["settled"]
        given: dict[str, Field] = {
            "metric": metric, "window_days": asked.followed.window_days, "came_back": _value(back, "score"),
            "settled": _value(settled, "score"), "difference": _value(back, "difference"),
        }  # fmt: skip
        apart = back["difference_low"] > 0 or back["difference_high"] < 0
        yield _graded("came_back" if apart else "came_back_alike", given, back, settled)


def _about_switching(table: pd.DataFrame) -> Iterator[Finding]:
    if len(table):
        yield Finding("channel_scores.reading_switch_cost")
    yield from _switched(table, ("resolution", "handle_seconds", "cost", *ORDER))


def _switched(table: pd.DataFrame, measures: Sequence[str]) -> Iterator[Finding]:
    kinds: Mapping[str, QuantityKind] = {"resolution": "share", "handle_seconds": "seconds", "cost": "money"}
    rows = {str(row["measure"]): row for row in records(table[table["difference"].notna()])}
    for measure in (one for one in measures if one in rows):
        row, kind = rows[measure], kinds.get(measure, "score")
        given: dict[str, Field] = {
            side: Quantity(kind, known(row[side]), known(row[f"{side}_low"]), known(row[f"{side}_high"]),
                           known(row[f"{side}_units"]), row["grade"])
            for side in ("switched", "stayed")
        }  # fmt: skip
        key = f"switch_{measure}" if measure in kinds else "switch_score"
        clear = row["difference_low"] > 0 or row["difference_high"] < 0
        given["metric"] = measure
        yield _graded(key if clear else f"{key}_alike", given, row)


def _margin(rows: Sequence[Row]) -> Quantity:
    return Quantity("score", float(rows[0]["margin"]), denominator=sum(known(row["answers"]) or 0.0 for row in rows))


def _value(row: Row, name: str) -> Quantity:
    limits = ("low", "high") if name == "score" else (f"{name}_low", f"{name}_high")
    numbers = [known(row[one]) for one in (name, *limits, "answers")]
    return Quantity("score", numbers[0], numbers[1], numbers[2], numbers[3], row["grade"])


def _response(row: Row) -> Quantity:
    share, low, high, answers = (
        known(row[name]) for name in ("response_share", "response_low", "response_high", "answers")
    )
    asked = answers / share if answers is not None and share else answers
    return Quantity("share", share, low, high, asked)


def _graded(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A sentence is no better than the worst row it rests on."""
    if not rows:
        return Finding(f"channel_scores.{key}", given)
    grade = worst([str(row["grade"]) for row in rows])
    held = next(row for row in rows if row["grade"] == grade)
    reasons = tuple(one for one in str(held["grade_reasons"]).split(";") if one)
    return Finding(f"channel_scores.{key}", given, grade, reasons)
