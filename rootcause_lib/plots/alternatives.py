"""Figures in words, for those who can't see them: what is drawn and its main numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.before_exit import before_exit_words
from rootcause_lib.plots.bridge import bridge_words
from rootcause_lib.plots.caused import process_name
from rootcause_lib.plots.chains import positions_words, snowballs_words
from rootcause_lib.plots.change import change_words
from rootcause_lib.plots.confusion import found_name
from rootcause_lib.plots.contact_dose import contact_dose_words, problem_effect_words
from rootcause_lib.plots.estimates import dimensions, row_name
from rootcause_lib.plots.fair import fair_alternative
from rootcause_lib.plots.guesses import guesses_words
from rootcause_lib.plots.incidence import band_name
from rootcause_lib.plots.journey import journey_words
from rootcause_lib.plots.ladder import ladder_words
from rootcause_lib.plots.leaks import leaks_words
from rootcause_lib.plots.marks import first_of, is_left_out, known, quantity, value_of
from rootcause_lib.plots.next_issue import next_issue_words
from rootcause_lib.plots.overlap import overlap_alternative
from rootcause_lib.plots.patience import patience_words
from rootcause_lib.plots.persistence import persistence_words
from rootcause_lib.plots.placebos import placebos_words
from rootcause_lib.plots.queue import queue_words
from rootcause_lib.plots.queue_hours import hours_words
from rootcause_lib.plots.reasons import reason_name, shown_reasons
from rootcause_lib.plots.resolution_curve import advice_words, curve_words
from rootcause_lib.plots.risk_scores import calibration_words, lift_words, profit_words
from rootcause_lib.plots.scores import consistency_words, score_by_resolution_words
from rootcause_lib.plots.segments import segments_words
from rootcause_lib.plots.self_service import reuse_words, self_service_words
from rootcause_lib.plots.sources import rejects_words, sources_words
from rootcause_lib.plots.staying import retention_value_words, segment_risk_words
from rootcause_lib.plots.steps import steps_words
from rootcause_lib.plots.survival import problem_survival_words, survival_words
from rootcause_lib.plots.text_topics import text_agreement_words
from rootcause_lib.plots.units import funnel_words, unit_effects_words
from rootcause_lib.plots.volume import volume_words
from rootcause_lib.prose import label, left_out, metric_kind, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_FLOWS = 5


def alt_text(
    plot: str | Callable[..., Axes], frame: pd.DataFrame, *, language: str, currency: str | None = None
) -> str:
    """What `plot` (a plot function or its name) shows of `frame`, as plain text."""
    name = plot if isinstance(plot, str) else str(getattr(plot, "__name__", plot))
    if name not in _WORDS:
        raise ParameterError(unknown_choice("plot", name, _WORDS))
    if frame.empty:
        return text("alt.nothing", language=language)
    if name == "plot_estimates":
        return _estimates(frame, language, currency)
    if name == "plot_profit":
        return profit_words(frame, language, currency=currency)
    return _WORDS[name](frame, language)


def _say(key: str, language: str, **fields: Field) -> str:
    return sentence(Finding(f"alt.{key}", fields), language=language)


def _resolution(frame: pd.DataFrame, language: str) -> str:
    shown = first_of(frame, "reason", "window_days", "match")
    rows = []
    for channel, part in shown.groupby("channel", sort=False):
        if part.apply(is_left_out, axis=1).all():
            rows.append(_left_out(str(channel), language))
            continue
        by_outcome = {str(row["outcome"]): quantity(row, "share") for _, row in part.iterrows()}
        key = "resolution_row" if "left" in by_outcome else "resolution_row_no_leaving"
        rows.append(_say(key, language, channel=str(channel), **by_outcome))
    return _say("resolution", language, window_days=int(shown["window_days"].iloc[0]), rows=" ".join(rows))


def _left_out(channel: str, language: str) -> str:
    """A channel whose numbers are left out."""
    name = label(channel, language=language, kind="channel")
    return _say("estimates_row", language, name=name, value=left_out(language=language))


def _recontact(frame: pd.DataFrame, language: str) -> str:
    rows = []
    for channel, part in first_of(frame, "match").groupby("channel", sort=False):
        seen = part.dropna(subset="repeat_share").sort_values("day")
        if seen.empty:
            continue
        last = seen.iloc[-1]
        chance = Quantity("share", known(last["expected_by_chance"]))
        share = quantity(last, "share", value="repeat_share")
        key = "recontact_row" if chance.value is None else "recontact_row_chance"
        rows.append(_say(key, language, channel=str(channel), share=share, day=int(last["day"]), expected=chance))
    return _say("recontact", language, rows=" ".join(rows))


def _flow(frame: pd.DataFrame, language: str) -> str:
    moves = frame[~frame["to_channel"].isin(["none", "all"]) & (frame["from_channel"] != "all")]
    most = moves.dropna(subset="contacts").sort_values("contacts", ascending=False, kind="stable").head(_MOST_FLOWS)
    rows = [
        _say(
            "flow_row", language, from_channel=str(row["from_channel"]), to_channel=str(row["to_channel"]),
            contacts=float(row["contacts"]), share=Quantity("share", known(row["share"])),
        )
        for _, row in most.iterrows()
    ]  # fmt: skip
    return _say("flow", language, rows=". ".join(rows) + ".")


def _settled(frame: pd.DataFrame, language: str) -> str:
    rows = []
    for channel in dict.fromkeys(frame["opened_in"]):
        own = frame[(frame["opened_in"] == channel) & (frame["settled_in"] == channel)]
        if len(own) and not is_left_out(own.iloc[0]):
            share = quantity(own.iloc[0], "share", value="share")
            rows.append(_say("settled_row", language, opened_in=str(channel), share=share))
        elif len(own) or frame[frame["opened_in"] == channel].apply(is_left_out, axis=1).any():
            rows.append(_left_out(str(channel), language))
        else:
            rows.append(_say("settled_row_elsewhere", language, opened_in=str(channel)))
    return _say("settled", language, rows=" ".join(rows))


def _estimates(frame: pd.DataFrame, language: str, currency: str | None) -> str:
    metric = str(frame["metric"].iloc[0])
    rows = _named_values(frame, language, currency)
    return _say("estimates", language, metric=metric, rows=rows)


def _coverage(frame: pd.DataFrame, language: str) -> str:
    return _say("coverage", language, rows=_named_values(frame, language, None))


def _named_values(frame: pd.DataFrame, language: str, currency: str | None) -> str:
    split = dimensions(frame)
    kind = metric_kind(str(frame["metric"].iloc[0])) if "metric" in frame else "share"
    rows = []
    for _, row in frame.iterrows():
        value = value_of(row, kind, language=language, currency=currency)
        rows.append(_say("estimates_row", language, name=row_name(row, split, language=language), value=value))
    return " ".join(rows)


def _incidence(frame: pd.DataFrame, language: str) -> str:
    rows = [
        _say(
            "incidence_row", language, process=process_name(str(row["process"]), language=language),
            band=band_name(row, language=language),
            ratio=value_of(row.rename({"rate_ratio": "value"}), "ratio", language=language),
        )
        for _, row in frame.iterrows()
    ]  # fmt: skip
    return _say("incidence", language, rows=" ".join(rows))


def _dose(frame: pd.DataFrame, language: str) -> str:
    rows = [
        _say(
            "dose_row", language, process=process_name(str(row["process"]), language=language),
            day=str(row["band"]).replace("-", "–"),
            ratio=value_of(row.rename({"rate_ratio": "value"}), "ratio", language=language),
        )
        for _, row in frame.iterrows()
    ]  # fmt: skip
    return _say("dose", language, rows=" ".join(rows))


def _caused(frame: pd.DataFrame, language: str) -> str:
    rows = [
        _say(
            "caused_row", language, process=process_name(str(row["process"]), language=language),
            contacts=value_of(row.rename({"contacts": "value"}), "count", language=language),
        )
        for _, row in frame.iterrows()
    ]  # fmt: skip
    return _say("caused", language, rows=" ".join(rows))


def _reasons(frame: pd.DataFrame, language: str) -> str:
    rows = []
    for row in shown_reasons(frame):
        reason = reason_name(str(row["reason"]), language=language)
        if is_left_out(row):
            rows.append(_say("estimates_row", language, name=reason, value=left_out(language=language)))
            continue
        shares = {
            name: Quantity("share", known(row[f"{name}_share"]), known(row[f"{name}_low"]), known(row[f"{name}_high"]))
            for name in ("coded", "corrected")
        }
        key = "reasons_row_coded" if shares["corrected"].value is None else "reasons_row"
        rows.append(_say(key, language, reason=reason, **shares))
    return _say("reasons", language, rows=" ".join(rows))


def _confusion(frame: pd.DataFrame, language: str) -> str:
    told = frame.dropna(subset="share")
    most = told[told["coded"] != told["found"]].sort_values("contacts", ascending=False, kind="stable")
    right = told[told["coded"] == told["found"]].sort_values("contacts", ascending=False, kind="stable")
    rows = [
        _say(
            "confusion_row", language, coded=reason_name(str(row["coded"]), language=language),
            found=found_name(str(row["found"]), language=language), share=Quantity("share", known(row["share"])),
        )
        for _, row in pd.concat([right.head(_MOST_FLOWS), most.head(_MOST_FLOWS)]).iterrows()
    ]  # fmt: skip
    return _say("confusion", language, rows=" ".join(rows))


_WORDS: Mapping[str, Callable[[pd.DataFrame, str], str]] = {
    "plot_resolution": _resolution,
    "plot_reasons": _reasons,
    "plot_confusion": _confusion,
    "plot_recontact": _recontact,
    "plot_flow": _flow,
    "plot_settled": _settled,
    "plot_estimates": lambda frame, language: _estimates(frame, language, None),
    "plot_coverage": _coverage,
    "plot_volume": volume_words,
    "plot_sources": sources_words,
    "plot_rejects": rejects_words,
    "plot_change": change_words,
    "plot_incidence": _incidence,
    "plot_dose_response": _dose,
    "plot_caused": _caused,
    "plot_text_agreement": text_agreement_words,
    "plot_guesses": guesses_words,
    "plot_persistence": persistence_words,
    "plot_segments": segments_words,
    "plot_funnel": funnel_words,
    "plot_unit_effects": unit_effects_words,
    "plot_consistency": consistency_words,
    "plot_score_by_resolution": score_by_resolution_words,
    "plot_queue": queue_words,
    "plot_patience": patience_words,
    "plot_queue_hours": hours_words,
    "plot_bridge": bridge_words,
    "plot_resolution_curve": curve_words,
    "plot_window_advice": advice_words,
    "plot_journey": journey_words,
    "plot_self_service": self_service_words,
    "plot_reuse": reuse_words,
    "plot_snowballs": snowballs_words,
    "plot_snowball_positions": positions_words,
    "plot_steps": steps_words,
    "plot_leaks": leaks_words,
    "plot_next_issue": next_issue_words,
    "plot_fair": fair_alternative,
    "plot_overlap": overlap_alternative,
    "plot_survival": survival_words,
    "plot_problem_survival": problem_survival_words,
    "plot_segment_risk": segment_risk_words,
    "plot_retention_value": retention_value_words,
    "plot_ladder": ladder_words,
    "plot_contact_dose": contact_dose_words,
    "plot_problem_effect": problem_effect_words,
    "plot_placebos": placebos_words,
    "plot_before_exit": before_exit_words,
    "plot_calibration": calibration_words,
    "plot_lift": lift_words,
    "plot_profit": profit_words,
}
