"""What customers say of channels: scores over the same mix of matters, and whether they differ by more than agreed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.answers import Answers, keep_answers
from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.same_mix import Groups, over_one_mix
from rootcause_lib.analyses.channel_resolution.scores_findings import (
    scores_cannot_tell,
    scores_headline,
    scores_readings,
)
from rootcause_lib.analyses.channel_resolution.scores_graded import graded_scores, graded_sides
from rootcause_lib.analyses.channel_resolution.switching import switch_cost
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.statistics.clustering import ClusterSums, small_sample_factor
from rootcause_lib.statistics.equivalence import equivalence
from rootcause_lib.statistics.intervals import Interval, floats, net_promoter_adjusted_wald, student_critical
from rootcause_lib.statistics.ratios import ratio_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

CONSISTENCY = (
    "metric", "channel", "score", "low", "high", "level", "answers", "unobserved", "customers", "response_share",
    "response_low", "response_high", "naive", "naive_low", "naive_high", "difference", "difference_low",
    "difference_high", "equivalence_low", "equivalence_high", "margin", "verdict", "odds_ratio", "odds_low",
    "odds_high", "overlap", "scale_low", "scale_high", "direction", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
BY_RESOLUTION = (
    "metric", "resolution", "score", "low", "high", "level", "answers", "unobserved", "customers", "naive",
    "difference", "difference_low", "difference_high", "scale_low", "scale_high", "direction", "method", "claim",
    "grade", "grade_reasons",
)  # fmt: skip
RESOLUTIONS = ("settled", "came_back", "left", "unknown")
ORDER = ("csat", "ces", "nps")
METHOD = "same_mix_mean"


def scores(asked: Asked) -> Part:
    """The part on scores: channels beside each other, by what followed, and what changing channel goes with."""
    answers = keep_answers(asked)
    frames = {
        "consistency": consistency(asked, answers),
        "score_by_resolution": score_by_resolution(asked, answers),
        "switch_cost": switch_cost(asked, answers),
    }
    return Part(
        frames=frames,
        readings=scores_readings(asked, answers, frames),
        headline=scores_headline(asked, frames),
        cannot_tell=scores_cannot_tell(answers, frames),
    )


def consistency(asked: Asked, answers: Answers) -> pd.DataFrame:
    """Scores by metric and channel: `all` first as answered, then channels by number of answers, over one mix.

    difference: the channel's score less that of the baseline channel, whose row has 0. verdict: two one-sided tests at
    5 % (limits `equivalence_low`, `equivalence_high`) against the engagement's margin. odds_ratio: odds of a better
    answer against the baseline (proportional odds). naive: the mean as answered, whatever the matters.
    """
    store, level = asked.store, asked.store.engagement.definitions.level
    base = store.engagement.definitions.baseline_channel
    compared = Groups("scored_contacts", "channel", base, odds=frozenset(answers.scales))
    figures = over_one_mix(store, compared, sums=answers.sums["channel"]).rename(columns={"group": "channel"})
    table = _naive(answers, by="channel", level=level).merge(figures, on=["metric", "channel"], how="left")
    table = table.merge(_renamed(answers.response, by="channel"), on=["metric", "channel"], how="left")
    if table.empty:
        return pd.DataFrame(columns=list(CONSISTENCY))
    table = _limited(table, answers, level=level)
    table["margin"] = [_margin(store, metric) for metric in table["metric"]]
    table = _judged(table, base=base, level=level, answers=answers)
    table = pd.concat([table, graded_scores(store, table, answers, base=base)], axis=1)
    return _published(asked, _ordered(table), by="channel")[list(CONSISTENCY)].assign(
        metric=lambda shown: shown["metric"].map(answers.names)
    )


def score_by_resolution(asked: Asked, answers: Answers) -> pd.DataFrame:
    """Scores by metric and what followed the contact within the window, over one mix of channels and matters.

    difference: less the score where nobody came back (`settled`), whose row has 0. naive: the mean as answered.
    """
    store, level = asked.store, asked.store.engagement.definitions.level
    compared = Groups("scored_contacts", "outcome", "settled")
    figures = over_one_mix(store, compared, sums=answers.sums["outcome"]).rename(columns={"group": "outcome"})
    table = _naive(answers, by="outcome", level=level).merge(figures, on=["metric", "outcome"], how="left")
    table = table.merge(_renamed(answers.response, by="outcome"), on=["metric", "outcome"], how="left")
    if table.empty:
        return pd.DataFrame(columns=list(BY_RESOLUTION))
    table = _limited(table, answers, level=level)
    whole = table["outcome"] == ALL
    table["method"] = np.where(table["score"].isna(), "none", METHOD)
    table["claim"] = np.where(table["outcome"] == "settled", "descriptive", "association")
    table = pd.concat([table, graded_sides(store, table, answers, shown="outcome", base="settled")], axis=1)
    rank = table["outcome"].map({name: place for place, name in enumerate((ALL, *RESOLUTIONS))})
    ordered = _by_metric(table.assign(_rank=rank, _whole=~whole)).reset_index(drop=True)
    shown = _published(asked, ordered, by="outcome")
    shown = shown[shown["outcome"] != ALL].rename(columns={"outcome": "resolution"}).reset_index(drop=True)
    return shown[list(BY_RESOLUTION)].assign(metric=shown["metric"].map(answers.names))


def _naive(answers: Answers, *, by: str, level: float) -> pd.DataFrame:
    """Means as answered, by metric and group and over all of a metric."""
    sums = pd.concat([answers.sums[ALL], answers.sums[by]], ignore_index=True)
    cells = ClusterSums.from_frame(sums)
    found = ratio_from_sums(cells, level=level, support="any")
    recommended = (sums["metric"] == "nps").to_numpy()
    limits = _promoter_limits(sums, cells, level=level)
    return sums[["metric", "cell"]].rename(columns={"cell": by}).assign(
        naive=found.value,
        naive_low=np.where(recommended, limits.low, found.low),
        naive_high=np.where(recommended, limits.high, found.high),
        given=sums["weight"].astype("float64"),
        people=sums["clusters"].astype("float64"),
    )  # fmt: skip


def _promoter_limits(sums: pd.DataFrame, cells: ClusterSums, *, level: float) -> Interval:
    """Adjusted Wald on as many answers as there would be, were every one another customer's."""
    promoters, detractors, n = (floats(sums[name]) for name in ("promoters", "detractors", "weight"))
    with np.errstate(divide="ignore", invalid="ignore"):
        net = (promoters - detractors) / n
        alone = 100**2 * ((promoters + detractors) / n - net**2) / n * small_sample_factor(n)
        effect = np.maximum(np.nan_to_num(cells.ratio_variance() / alone, nan=1.0, posinf=1.0), 1.0)
    passives = n - promoters - detractors
    return net_promoter_adjusted_wald(promoters / effect, passives / effect, detractors / effect, level=level)


def _renamed(response: pd.DataFrame, *, by: str) -> pd.DataFrame:
    names = {"share": "response_share", "low": "response_low", "high": "response_high"}
    table = response.assign(unobserved=response["asked"] - response["answers"])
    return table.rename(columns={"cell": by, **names})[["metric", by, "unobserved", *names.values()]]


def _limited(table: pd.DataFrame, answers: Answers, *, level: float) -> pd.DataFrame:
    """Limits of scores and differences; of `all` the mean as answered. No limit lies beyond the scale."""
    whole = (table["channel" if "channel" in table else "outcome"] == ALL).to_numpy()
    scales = [answers.scales[metric] for metric in table["metric"]]
    recommended = (table["metric"] == "nps").to_numpy()
    stated = table.assign(scale_low=[one.low for one in scales], scale_high=[one.high for one in scales])
    least = stated["scale_low"].fillna(-np.inf).mask(recommended, -100.0)
    most = stated["scale_high"].fillna(np.inf).mask(recommended, 100.0)
    reach = student_critical(level, degrees=table["degrees"])
    made = stated.assign(
        level=level, direction=[one.better for one in scales], customers=table["people"],
        answers=table["given"].where(whole | table["answers"].isna(), table["answers"]),
        low=np.where(whole, table["naive_low"], (table["score"] - reach * table["error"]).clip(lower=least)),
        high=np.where(whole, table["naive_high"], (table["score"] + reach * table["error"]).clip(upper=most)),
        difference_low=table["difference"] - reach * table["difference_error"],
        difference_high=table["difference"] + reach * table["difference_error"],
        score=np.where(whole, table["naive"], table["score"]),
    )  # fmt: skip
    made[["low", "high"]] = made[["low", "high"]].where(made["score"].notna())
    made.loc[made["difference_error"] == 0, ["difference_low", "difference_high"]] = 0.0
    return made


def _margin(store: Store, metric: str) -> float:
    agreed = getattr(store.engagement.definitions.equivalence, metric, None)
    return float("nan") if agreed is None else float(agreed)


def _judged(table: pd.DataFrame, *, base: str, level: float, answers: Answers) -> pd.DataFrame:
    """With verdicts and odds; the baseline and the total are compared with nothing."""
    others = ~table["channel"].isin([ALL, base])
    found = equivalence(
        table["difference"], table["difference_error"], degrees=table["degrees"], margin=table["margin"]
    )
    worse = np.array([answers.scales[metric].worse_is_higher for metric in table["metric"]])
    sign = np.where(worse, -1.0, 1.0)
    reach = student_critical(level, degrees=table["degrees"]) * table["odds_error"]
    odds = (sign * table["odds"]).where(others)
    made = table.assign(
        equivalence_low=np.where(others, found.low, np.nan), equivalence_high=np.where(others, found.high, np.nan),
        verdict=pd.Series(found.verdict, index=table.index).where(others, None), odds_ratio=np.exp(odds),
        odds_low=np.exp(odds - reach), odds_high=np.exp(odds + reach),
        claim=np.where(others, "association", "descriptive"),
    )  # fmt: skip
    made.loc[table["channel"] == base, "odds_ratio"] = 1.0
    mixed = np.where(made["score"].isna(), "none", METHOD)
    made["method"] = np.where(table["channel"] == ALL, "ratio_fieller", mixed)
    return made


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    return _by_metric(table.assign(_rank=np.where(table["channel"] == ALL, -np.inf, -table["given"])))


def _by_metric(table: pd.DataFrame) -> pd.DataFrame:
    """The usual metrics first, then rated items, each group in its own order (`_rank`)."""
    place = {metric: number for number, metric in enumerate(ORDER)}
    metric = table["metric"].map(place).fillna(len(place))
    return table.assign(_metric=metric).sort_values(["_metric", "metric", "_rank"], kind="stable", ignore_index=True)


def _published(asked: Asked, table: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Without the numbers of groups of too few customers, and of those that would give them back."""
    shown = []
    for _metric, part in table.groupby("metric", sort=False):
        counted = part[[by]].assign(group=part["given"].fillna(0.0), customers=part["people"])
        seeds = asked.hidden if by == "channel" else frozenset[str]()
        cells = unsafe_cells([Counts(counted, "group")], by=(by,), minimum=asked.smallest, seeds=seeds)
        kept = {
            name: part[name]
            for name in ("metric", by, "scale_low", "scale_high", "direction", "margin")
            if name in part
        }
        shown.append(without_numbers(part, cells).assign(**kept))
    whole: Any = pd.concat(shown, ignore_index=True)
    return whole
