"""For every figure a frame of its columns, as an analysis would give it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from drawn import leaving, risk, staying, waiting

CHANNELS = ("phone", "email", "chat", "self_service", "social", "store")
QUIET = {
    "all": 0.772,
    "phone": 0.812,
    "email": 0.735,
    "chat": 0.681,
    "self_service": 0.744,
    "social": 0.62,
    "store": 0.871,
}
CASES = {"all": 41207, "phone": 18442, "email": 9871, "chat": 6120, "self_service": 4982, "social": 611, "store": 1181}


def resolution() -> pd.DataFrame:
    rows = []
    for match, shift in (("reason", 0.0), ("any", -0.055)):
        for channel, quiet in QUIET.items():
            half = 1.1 / CASES[channel] ** 0.5
            left = 0.012
            shares = {"quiet": quiet + shift, "came_back": 1 - quiet - shift - left, "left": left}
            for outcome, value in shares.items():
                rows.append(
                    {
                        "channel": channel, "match": match, "window_days": 14, "outcome": outcome, "value": value,
                        "low": value - half, "high": value + half, "at_risk": CASES[channel],
                        "events": round(CASES[channel] * value), "grade": "B" if channel == "social" else "A",
                        "grade_reasons": "interval_too_wide" if channel == "social" else "",
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def recontact() -> pd.DataFrame:
    rows = []
    for channel, quiet in QUIET.items():
        for day in range(31):
            share = (1 - quiet) * 1.15 * (1 - np.exp(-day / 6))
            half = 1.0 / CASES[channel] ** 0.5 * min(1, day / 4)
            rows.append(
                {
                    "channel": channel, "match": "reason", "day": day, "repeat_share": share,
                    "low": max(share - half, 0),
                    "high": share + half, "at_risk": CASES[channel], "expected_by_chance": 0.0028 * day,
                    "window_days": 14,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def flow() -> pd.DataFrame:
    rows = []
    for place, source in enumerate(CHANNELS):
        for across, target in enumerate(CHANNELS):
            share = 0.11 if source == target else 0.002 + 0.006 * ((place * 5 + across * 3) % 7)
            if (source, target) == ("chat", "phone"):
                share = 0.142
            rows.append(
                {"from_channel": source, "to_channel": target, "contacts": round(share * CASES[source]), "share": share}
            )
        rest = 1 - sum(row["share"] for row in rows[-len(CHANNELS) :])
        rows.append(
            {"from_channel": source, "to_channel": "none", "contacts": round(rest * CASES[source]), "share": rest}
        )
    frame = pd.DataFrame(rows)
    return frame.assign(low=frame["share"] * 0.95, high=frame["share"] * 1.05)


def settled() -> pd.DataFrame:
    rows = []
    for opened in CHANNELS:
        own = 0.9 if opened == "phone" else 0.71
        weights = {one: (3.0 if one == "phone" else 0.7) for one in CHANNELS if one != opened}
        for target in CHANNELS:
            share = own if target == opened else (1 - own) * weights[target] / sum(weights.values())
            rows.append(
                {
                    "opened_in": opened, "settled_in": target, "cases": round(share * CASES[opened]), "share": share,
                    "low": share - 0.02, "high": share + 0.02,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def estimates(metric: str = "transfer", scale: float = 0.2) -> pd.DataFrame:
    rows = []
    for place, channel in enumerate(CASES):
        value = scale * (0.7 + 0.09 * place)
        half = scale * 8 / CASES[channel] ** 0.5
        unknown = channel == "store"
        rows.append(
            {
                "metric": metric, "statistic": "share", "channel": channel, "value": None if unknown else value,
                "low": None if unknown else value - half, "high": None if unknown else value + half, "level": 0.95,
                "numerator": None if unknown else round(value * CASES[channel]),
                "denominator": 0 if unknown else CASES[channel], "unobserved": CASES[channel] if unknown else 31,
                "method": "cluster", "claim": "descriptive", "grade": "D" if unknown else "A",
                "grade_reasons": "too_few" if unknown else "", "threshold": None, "verdict": None,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"value": "Float64", "low": "Float64", "high": "Float64"})


def coverage() -> pd.DataFrame:
    values = {
        "all": 0.913,
        "phone": 0.934,
        "email": 0.988,
        "chat": 0.842,
        "self_service": 1.0,
        "social": 0.41,
        "store": 0.55,
    }
    rows = [
        {
            "channel": channel, "value": value, "low": max(value - 0.6 / CASES[channel] ** 0.5, 0),
            "high": min(value + 0.6 / CASES[channel] ** 0.5, 1), "denominator": CASES[channel],
        }
        for channel, value in values.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def volume() -> pd.DataFrame:
    rows = []
    for channel in CASES:
        if channel == "all":
            continue
        for week in range(52):
            contacts = CASES[channel] / 52 * (1 + 0.2 * np.sin(week / 5 + len(channel)))
            rows.append(
                {
                    "week": dt.date(2025, 1, 6) + dt.timedelta(weeks=week),
                    "channel": channel,
                    "contacts": round(contacts),
                }
            )
    return pd.DataFrame(rows)


def sources() -> pd.DataFrame:
    day = dt.date(2025, 12, 31)
    counts = [
        ("contacts", "kontaktit_2025.csv", 52310, 190, 1204), ("customers", "asiakkaat.xlsx", 8120, 3, 0),
        ("surveys", "nps_vastaukset.parquet", 4410, 0, 0), ("audits", "audit.csv", 800, 1, 12),
    ]  # fmt: skip
    return pd.DataFrame(
        [
            {
                "table": table, "source": source, "rows_read": read, "rows_accepted": read - rejected,
                "rows_rejected": rejected, "rows_repaired": repaired, "first": day, "last": day,
            }
            for table, source, read, rejected, repaired in counts
        ]
    )  # fmt: skip


def rejects() -> pd.DataFrame:
    broken = [
        ("Luotu", "unreadable", 90),
        ("Kanava", "not_a_choice", 44),
        ("Id", "duplicate_id", 31),
        ("Kesto", "out_of_range", 25),
    ]
    rows = [
        {"table": "contacts", "source": "kontaktit_2025.csv", "row": index, "column": column, "rule": rule}
        for column, rule, count in broken
        for index in range(count)
    ]
    return pd.DataFrame(rows)


def change() -> pd.DataFrame:
    """Fewer contacts about one reason, more about another; one reason left out, one without a label."""
    rows = [
        ("total", "all", (-16.5, 6.5, -410.0), 5814, "A"), ("reason", "katko", (-1.3, 0.3, -261.0), 549, "B"),
        ("reason", "laskuvirhe", (-1.6, 0.8, -235.2), 650, "B"), ("reason", "neuvonta", (-1.7, 0.6, 160.1), 557, "C"),
        ("reason", "(small)", (-0.1, 0.0, -40.0), 60, "D"), ("reason", "muutto", None, None, "D"),
        ("reason", None, (-0.5, 0.3, 12.0), 179, "D"),
    ]  # fmt: skip
    made = []
    for dimension, item, parts, before, grade in rows:
        known = parts or (None, None, None)
        row = {"dimension": dimension, "item": item, "contacts_before": before, "exposure_unit": "customer_days"}
        for effect, value in zip(("volume", "mix", "rate", "total"), (*known, parts and sum(parts)), strict=True):
            half = None if value is None else 3 + abs(value) / 3
            row |= {effect: value, f"{effect}_low": value and value - half, f"{effect}_high": value and value + half}
        row["contacts"] = None if before is None else round(before + row["total"])
        made.append({**row, "grade": grade, "grade_reasons": "" if parts else "suppressed"})
    return pd.DataFrame(made)


def incidence() -> pd.DataFrame:
    bands = [
        ("billing", "placebo", "pre", 1.02, 0.1), ("billing", "risk", "0-6", 14.8, 0.09),
        ("billing", "risk", "7-20", 5.2, 0.1), ("billing", "spill_over", "spill_over", 1.3, 0.12),
        ("delivery", "waiting", "waiting", 1.0, 0.2), ("delivery", "risk", "1-2", 5.3, 0.3),
        ("delivery", "risk", "14+", 24.0, 0.5), ("claim", "risk", "0-27", None, 0.1),
        ("outage", "risk", "0-0", 40.0, 0.1),
        ("our message", "our_message", "0-6", 1.4, 0.4),
    ]  # fmt: skip
    rows = [
        {
            "process": process, "kind": kind, "band": band, "rate_ratio": ratio,
            "low": None if ratio is None else ratio * np.exp(-2 * error),
            "high": None if ratio is None else ratio * np.exp(2 * error), "contacts": 120, "grade": "B",
        }
        for process, kind, band, ratio, error in bands
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"rate_ratio": float, "low": float, "high": float})


def dose_response() -> pd.DataFrame:
    rows = [
        {
            "process": process, "band": band, "day": day, "rate_ratio": ratio, "low": ratio * 0.7, "high": ratio * 1.5,
            "on_trend": 4.0 * times * 1.08**day, "contacts": 80, "person_days": 700.0,
        }
        for process, times in (("delivery", 1.0), ("repair", 0.5))
        for band, day, ratio in (
            ("1-2", 1.9, 5.0 * times), ("3-6", 4.8, 6.0 * times), ("7-13", 9.9, 9.0 * times), ("14+", 21, 20.0 * times),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows)


def caused() -> pd.DataFrame:
    rows = [
        ("billing", "Talous", 1064, 1017, 1104, 6475.0, "A"), ("claim", "Asiakaspalvelu", 710, 640, 780, 4534.0, "C"),
        ("delivery", None, -12, -40, 16, None, "D"), ("outage", "Verkko", None, None, None, None, "D"),
        ("all", None, 1762, 1650, 1880, 11009.0, "A"), ("unexplained", None, 6449, 6310, 6598, 34761.0, "A"),
    ]  # fmt: skip
    names = ["process", "owner", "contacts", "low", "high", "cost", "grade"]
    frame = pd.DataFrame(rows, columns=names).assign(grade_reasons="")
    return frame.astype({"contacts": float, "low": float, "high": float, "cost": float})


REASONS = {
    "laskutus": (1532, 0.148, 0.134), "tekninen": (1340, 0.129, 0.121), "neuvonta": (1135, 0.109, 0.097),
    "laskuvirhe": (1030, 0.099, 0.124), "muu": (1003, 0.097, 0.044), "reklamaatio": (908, 0.087, 0.130),
    "ININ-WRAP-UP-TIMEOUT": (188, 0.018, 0.0),
}  # fmt: skip


def reasons() -> pd.DataFrame:
    rows = [{"reason": "all", "contacts": 10684.0, "coded_share": 0.97, "default_code": False, "grade": "A"}]
    for reason, (contacts, coded, corrected) in REASONS.items():
        rows.append(
            {
                "reason": reason, "contacts": contacts, "default_code": reason in ("muu", "ININ-WRAP-UP-TIMEOUT"),
                "coded_share": coded, "coded_low": coded - 0.007, "coded_high": coded + 0.008,
                "corrected_share": corrected, "corrected_low": max(corrected - 0.02, 0.0),
                "corrected_high": corrected + 0.022, "grade": "B", "grade_reasons": "low_agreement",
            }
        )  # fmt: skip
    hidden = dict.fromkeys(("contacts", "coded_share", "corrected_share"), float("nan"))
    rows.append({"reason": "(small)", "default_code": False, "grade": "D", "grade_reasons": "suppressed", **hidden})
    return pd.DataFrame(rows)


def confusion() -> pd.DataFrame:
    rows = []
    for place, coded in enumerate(REASONS):
        of = 60 - 5 * place
        other = list(REASONS)[(place + 2) % 6]
        for found, share in ((coded, 0.7), (other, 0.2), ("(small)", 0.1)):
            rows.append(
                {"coded": coded, "found": found, "contacts": round(of * share), "of": of, "share": share,
                 "low": share - 0.08, "high": share + 0.08, "grade": "C", "grade_reasons": "too_few"}
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    hidden = frame["coded"] == "reklamaatio"
    numbers = ["contacts", "of", "share", "low", "high"]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    frame.loc[hidden, numbers] = float("nan")
    return frame.assign(grade_reasons=frame["grade_reasons"].mask(hidden, "suppressed"))


def text_topics() -> pd.DataFrame:
    drawn = [
        ("laskuvirhe", 0.21, 0.03, 0.13, 96, "A"), ("toimitus", 0.18, 0.03, 0.17, 80, "A"),
        ("katko", 0.06, 0.02, 0.07, 27, "A"), ("muu", 0.04, 0.025, 0.22, 15, "B"), ("muutto", 0.01, 0.01, 0.02, 4, "D"),
        ("sopimuksen siirto toiselle asiakkaalle", None, None, None, None, "D"),
    ]  # fmt: skip
    rows = [
        {
            "reason": reason, "text_share": share, "low": share and share - half, "high": share and share + half,
            "coded_share": coded, "coded_low": coded and coded - 0.01, "coded_high": coded and coded + 0.01,
            "audited": audited, "grade": grade, "grade_reasons": "" if share else "suppressed",
        }
        for reason, share, half, coded, audited, grade in drawn
    ]  # fmt: skip
    numbers = ["text_share", "low", "high", "coded_share", "coded_low", "coded_high", "audited"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))


def guessed() -> pd.DataFrame:
    rows = [
        ("Asiakaspalvelun tiimi", "laskuvirhe", 0.10, 0.21, 0.19, 0.23, "too_low", "B", ""),
        ("Johtoryhmä", "tekninen", 0.30, 0.125, 0.11, 0.14, "too_high", "B", ""),
        ("Johtoryhmä", "toimitus", 0.15, 0.16, 0.145, 0.175, "about_right", "A", ""),
        ("Tiimi", "muutto", 0.05, None, None, None, "undecided", "D", "suppressed"),
    ]
    names = ["who", "reason", "guessed_share", "measured_share", "low", "high", "verdict", "grade", "grade_reasons"]
    return pd.DataFrame(rows, columns=names).astype({"measured_share": float, "low": float, "high": float})


def persistence() -> pd.DataFrame:
    rows = [
        ("billing", "2025-03", 41200.0, 37900.0, 44800.0, 2310.0, "B", ""),
        ("delivery", None, 9800.0, 6100.0, 14300.0, 610.0, "C", "proxy"),
        ("invoice", None, 3100.0, -400.0, 6600.0, None, "D", "proxy"),
        ("outage", None, None, None, None, None, "D", "suppressed"),
    ]
    names = ["process", "material_since", "cost_so_far", "low", "high", "cost_of_waiting_per_month", "grade",
             "grade_reasons"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype(dict.fromkeys(["cost_so_far", "low", "high", "cost_of_waiting_per_month"], float))


def segments() -> pd.DataFrame:
    rows = [
        ("level", "rate", "segment=yritys", "all", 7.61, 4.43, 1.72, "B"),
        ("level", "share", "channel=self_service, weekday=sat-sun", "neuvonta", 0.21, 0.09, 2.43, "B"),
        ("change", "growth", "region=Varsinais-Suomi", "katko", 0.11, 0.95, 0.12, "C"),
        ("change", "growth", "all", "laskuvirhe", 1.4, 0.98, 1.43, "B"),
    ]
    names = ("kind", "counted_as", "attributes", "reason", "value", "baseline", "ratio", "grade")
    frame = pd.DataFrame(rows, columns=list(names)).assign(grade_reasons="")
    limits = {"low": "value", "high": "value", "ratio_low": "ratio", "ratio_high": "ratio"}
    return frame.assign(**{one: frame[of] * (0.8 if "low" in one else 1.25) for one, of in limits.items()})


def agents() -> pd.DataFrame:
    rows = []
    for place, name in enumerate(("Asiakaspalvelun iltatiimi", "Etelä", "Länsi", "Tekniikka", "Yritykset", "Öyttö")):
        contacts = (180, 900, 2400, 7100, 14000, 520)[place]
        raw = (0.061, -0.012, 0.004, -0.041, 0.019, np.nan)[place]
        half = 0.55 / contacts**0.5
        pulled = raw * contacts / (contacts + 400)
        told = ("within_chance", "within_chance", "within_chance", "below_expected", "above_expected", None)[place]
        hidden = place == 5
        rows.append(
            {
                "team": name, "agent_id": "all", "outcome": "first_contact_resolution", "difference": pulled,
                "contacts": np.nan if hidden else contacts, "low": pulled - 1.6 * half, "high": pulled + 1.6 * half,
                "raw_difference": raw, "funnel_low_95": -1.6 * half, "funnel_high_95": 1.6 * half,
                "funnel_low_998": -2.5 * half, "funnel_high_998": 2.5 * half, "standing": told,
                "probability_best": (0.3, 0.02, 0.08, 0.0, 0.6, np.nan)[place],
                "probability_worst": (0.04, 0.1, 0.01, 0.85, 0.0, np.nan)[place],
                "grade": "D" if hidden else "B", "grade_reasons": "suppressed" if hidden else "interval_too_wide",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def consistency() -> pd.DataFrame:
    rows = [
        ("all", 3.52, 0.02, 4412, None, None, "B"), ("phone", 3.61, 0.03, 2210, 0.0, None, "B"),
        ("email", 3.40, 0.05, 902, -0.21, "undecided", "B"), ("chat", 3.22, 0.06, 801, -0.39, "not_consistent", "B"),
        ("self_service", 3.58, 0.07, 402, -0.03, "consistent", "C"),
        ("store", None, None, None, None, "undecided", "D"),
    ]  # fmt: skip
    made = [
        {
            "metric": "csat", "channel": channel, "score": score, "low": score and score - half,
            "high": score and score + half, "answers": answers, "difference": difference, "margin": 0.2,
            "verdict": verdict, "grade": grade, "grade_reasons": "" if score else "suppressed",
        }
        for channel, score, half, answers, difference, verdict, grade in rows
    ]  # fmt: skip
    return pd.DataFrame(made).astype(dict.fromkeys(("score", "low", "high", "answers", "difference"), float))


def score_by_resolution() -> pd.DataFrame:
    rows = [
        ("settled", 7.1, 3.2, 4301),
        ("came_back", -31.0, 6.4, 1022),
        ("left", -48.0, 30.0, 17),
        ("unknown", 2.0, 12.0, 88),
    ]
    made = [
        {"metric": "nps", "resolution": name, "score": score, "low": score - half, "high": score + half,
         "answers": answers, "grade": "B", "grade_reasons": "proxy"}
        for name, score, half, answers in rows
    ]  # fmt: skip
    return pd.DataFrame(made)


def resolution_curve() -> pd.DataFrame:
    rows = []
    for match, shift in (("reason", 0.0), ("any", -0.004)):
        for channel, quiet in QUIET.items():
            for window in range(1, 31):
                share = 1 - (1 - quiet) * 1.25 * (1 - np.exp(-window / 7)) + shift * window
                half = 1.1 / CASES[channel] ** 0.5
                rows.append(
                    {
                        "channel": channel, "match": match, "window_days": window, "value": share, "low": share - half,
                        "high": share + half, "contacts": CASES[channel] - 40 * window, "grade": "A",
                        "grade_reasons": "",
                    }
                )  # fmt: skip
    frame = pd.DataFrame(rows)
    hidden = frame["channel"] == "social"
    for name in ("value", "low", "high", "contacts"):
        frame[name] = frame[name].astype("float64").mask(hidden)
    return frame.assign(grade_reasons=frame["grade_reasons"].mask(hidden, "suppressed"))


def window_advice() -> pd.DataFrame:
    rows = [
        ("all", 13, 12, 14, 21500, "A", ""), ("laskuvirhe", 9, 7, 12, 1030, "B", "interval_too_wide"),
        ("reklamaatio", 21, 18, 27, 908, "B", "interval_too_wide"), ("muutto", 24, 6, 30, 240, "D", "too_few"),
        ("sopimuksen siirto toiselle asiakkaalle", None, None, None, 310, "C", "immature"),
        ("tekninen", None, None, None, None, "D", "suppressed"),
    ]  # fmt: skip
    names = ["reason", "day", "low", "high", "contacts", "grade", "grade_reasons"]
    frame = pd.DataFrame(rows, columns=names).assign(window_days=14)
    return frame.astype(dict.fromkeys(["day", "low", "high", "contacts"], float))


def journey() -> pd.DataFrame:
    """One step by a stand-in, one as asked of people, one not in the data, one left out."""
    drawn = [
        ("web_first", "measured", 0.343, 0.014, 4499, "calls", "B"),
        ("on_site_when_calling", "proxy", 0.109, 0.01, 4499, "calls", "B"),
        ("more_than_one_contact", "measured", 0.192, 0.01, 6677, "cases", "A"),
        ("transferred", "asked", 0.25, None, 0, "answer", "C"),
        ("repeated_information", "not_in_data", None, None, 0, "none", "D"),
        ("high_effort", "measured", None, None, None, "answers", "D"),
    ]
    rows = [
        {
            "measure": measure, "status": status, "share": share, "low": half and share - half,
            "high": half and share + half, "base": base, "base_of": base_of, "reference": 0.6, "grade": grade,
            "grade_reasons": "suppressed" if base is None else "",
        }
        for measure, status, share, half, base, base_of, grade in drawn
    ]  # fmt: skip
    return pd.DataFrame(rows).astype(dict.fromkeys(["share", "low", "high", "base", "reference"], float))


def self_service() -> pd.DataFrame:
    drawn = [
        ("self_service", "contained", "any", 0.982, 0.01, 1494, "A"),
        ("self_service", "gave_up", "any", None, None, 0, "D"),
        ("self_service", "resolved", "reason", 0.775, 0.02, 1424, "B"),
        ("self_service", "resolved", "any", 0.62, 0.02, 1424, "B"),
        ("self_service", "days_to_human", "reason", 2.4, 0.4, 313, "B"),
        ("visit", "contained", "any", 0.81, 0.015, 2615, "A"),
        ("visit", "left_within_window", "any", None, None, None, "D"),
    ]
    rows = [
        {
            "kind": kind, "measure": measure, "match": match, "value": value, "low": half and value - half,
            "high": half and value + half, "base": base, "grade": grade,
            "grade_reasons": "suppressed" if base is None else "",
        }
        for kind, measure, match, value, half, base, grade in drawn
    ]  # fmt: skip
    return pd.DataFrame(rows).astype(dict.fromkeys(["value", "low", "high", "base"], float))


def reuse() -> pd.DataFrame:
    shares = {"people": (0.203, 0.323), "self_service": (0.054, 0.034), "visit": (0.094, 0.113), "none": (0.649, 0.53)}
    rows = [
        {
            "kind": kind, "after": after, "next_choice": choice, "share": pair[place], "low": pair[place] - 0.03,
            "high": pair[place] + 0.03, "base": 800 - 300 * place, "grade": "B", "grade_reasons": "",
        }
        for kind in ("self_service", "visit")
        for place, after in enumerate(("success", "failure"))
        for choice, pair in shares.items()
    ]  # fmt: skip
    hidden = {"share": None, "low": None, "high": None, "base": None, "grade": "D", "grade_reasons": "suppressed"}
    rows.append({"kind": "bot", "after": "success", "next_choice": "(small)", **hidden})
    return pd.DataFrame(rows).astype(dict.fromkeys(["share", "low", "high", "base"], float))


def snowballs() -> pd.DataFrame:
    """Shares by length; the longest left out."""
    rows = [
        ("1", 30_500, 0.74, 0.49), ("2", 7_100, 0.17, 0.23), ("3", 2_300, 0.06, 0.12), ("4", 800, 0.02, 0.06),
        ("5+", None, None, None), ("3+", 3_600, 0.09, 0.28),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["length", "cases", "case_share", "volume_share"])
    limits = {"case_low": ("case_share", 0.96), "case_high": ("case_share", 1.04)}
    limits |= {"low": ("volume_share", 0.95), "high": ("volume_share", 1.05)}
    made = frame.assign(**{name: frame[of] * times for name, (of, times) in limits.items()})
    gone = made["volume_share"].isna()
    return made.assign(grade=np.where(gone, "D", "A"), grade_reasons=np.where(gone, "suppressed", ""))


def snowball_positions() -> pd.DataFrame:
    rows = [("1", 420.0, 1.0, "A"), ("2", 510.0, 1.22, "A"), ("3", 560.0, 1.31, "B"), ("4+", None, None, "D")]
    frame = pd.DataFrame(rows, columns=["position", "handle_seconds", "ratio_to_first", "grade"])
    limits = {"low": ("handle_seconds", 0.93), "high": ("handle_seconds", 1.07)}
    limits |= {"ratio_low": ("ratio_to_first", 0.93), "ratio_high": ("ratio_to_first", 1.07)}
    made = frame.assign(**{name: frame[of] * times for name, (of, times) in limits.items()})
    return made.assign(grade_reasons=np.where(made["handle_seconds"].isna(), "suppressed", ""))


def steps() -> pd.DataFrame:
    """Every channel to every other and to an end; what reaches a channel leaves it; one small move left out."""
    rows = []
    total = sum(CASES[one] for one in CHANNELS)
    reached = dict.fromkeys(CHANNELS, 0.0)
    for place, one in enumerate(CHANNELS):
        start = CASES[one] / total
        moves = {other: start * 0.01 * (1 + (place * 3 + across * 2) % 5) for across, other in enumerate(CHANNELS)}
        for other, share in moves.items():
            reached[other] += share
            rows.append((1, one, other, share))
        rows.append((1, one, "ended", start - sum(moves.values())))
    for one in CHANNELS:
        rows += [(2, one, "phone", 0.2 * reached[one]), (2, one, one, 0.1 * reached[one] if one != "phone" else None)]
        rows.append((2, one, "ended", 0.7 * reached[one]))
    frame = pd.DataFrame(rows, columns=["step", "from_channel", "to_channel", "share"]).astype({"share": float})
    frame = frame.drop_duplicates(["step", "from_channel", "to_channel"], ignore_index=True)
    gone = frame.index == 7
    frame["share"] = frame["share"].mask(gone)
    return frame.assign(
        low=frame["share"] * 0.9, high=frame["share"] * 1.1, grade_reasons=np.where(gone, "suppressed", "")
    )


def leaks() -> pd.DataFrame:
    rows = [
        ("chat", "phone", 0.142, 4.5, 0.31, "A"), ("email", "phone", 0.12, 60.0, 0.04, "B"),
        ("self_service", "store", 0.01, 90.0, 0.0, "C"), ("social", "(small)", None, None, None, "D"),
    ]  # fmt: skip
    names = ["from_channel", "to_channel", "share", "hours_until", "quick_share", "grade"]
    frame = pd.DataFrame(rows, columns=names)
    reasons = np.where(frame["share"].isna(), "suppressed", "")
    return frame.assign(low=frame["share"] * 0.9, high=frame["share"] * 1.1, grade_reasons=reasons)


def next_issue() -> pd.DataFrame:
    rows = [
        ("laskuvirhe", "irtisanominen", 0.061, 0.02, 3.05, True, "A"),
        ("katko", "tekninen", 0.2, 0.17, 1.18, True, "B"),
        ("toimitus", "neuvonta", 0.05, 0.05, 1.0, False, "C"), ("muutto", "sopimus", 0.03, 0.0, None, True, "C"),
    ]  # fmt: skip
    names = ["reason", "next_reason", "share", "baseline", "lift", "told", "grade"]
    frame = pd.DataFrame(rows, columns=names).assign(grade_reasons="")
    return frame.assign(lift_low=frame["lift"] * 0.8, lift_high=frame["lift"] * 1.25)


def standardised() -> pd.DataFrame:
    drawn = {
        "resolved": [
            ("phone", 0.643, None, None, None, "B", ""), ("chat", 0.586, -0.057, 0.021, 0.094, "B", "proxy"),
            ("email", 0.581, -0.062, 0.018, 0.021, "B", "proxy"),
            ("self_service", 0.61, -0.03, 0.03, 0.162, "C", "proxy"),
            ("social", 0.5, -0.15, 0.12, -0.03, "D", "interval_too_wide"),
            ("store", None, None, None, None, "D", "suppressed"),
        ],
        "first_contact_resolution": [
            ("phone", 0.71, None, None, None, "A", ""), ("chat", 0.735, 0.025, 0.02, 0.06, "A", ""),
        ],
    }  # fmt: skip
    rows = [
        {
            "channel": channel, "outcome": outcome, "baseline_channel": "phone", "resolution": value,
            "low": None if value is None else value - 0.02, "high": None if value is None else value + 0.02,
            "contacts": None if value is None else 1840.0, "difference": difference,
            "difference_low": None if difference is None else difference - half,
            "difference_high": None if difference is None else difference + half,
            "naive_difference": naive, "grade": grade, "grade_reasons": reasons,
        }
        for outcome, group in drawn.items()
        for channel, value, difference, half, naive, grade, reasons in group
    ]  # fmt: skip
    names = ["resolution", "low", "high", "contacts", "difference", "difference_low", "difference_high",
             "naive_difference"]  # fmt: skip
    return pd.DataFrame(rows).astype(dict.fromkeys(names, float))


def overlap() -> pd.DataFrame:
    reasons = {
        "laskutus": 410.0,
        "neuvonta": 380.0,
        "määräaikaisen sopimuksen irtisanominen": 55.0,
        "katko": 12.0,
        "": 9.0,
    }
    rows = [
        {
            "outcome": "resolved", "channel": channel, "reason": reason, "contacts": size * share,
            "compared": size * share >= 20 and reason != "", "suppressed": False,
        }
        for channel, share in (("phone", 1.0), ("chat", 0.4), ("self_service", 0.1), ("store", 0.0))
        for reason, size in reasons.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    gone = (frame["channel"] == "self_service") & (frame["reason"] == "katko")
    return frame.assign(contacts=frame["contacts"].mask(gone), suppressed=gone)


def ladder() -> pd.DataFrame:
    rows = [
        ("ever_contacted", 0.44, 0.38, 0.51, "survivors", "D"),
        ("recent_contact", 14.2, 12.1, 16.6, "calls_to_cancel", "D"),
        ("time_varying", 9.1, 7.9, 10.6, "same_week", "D"),
        ("lagged", 1.35, 1.14, 1.6, "unlike_customers", "C"),
        ("adjusted", 1.21, 1.02, 1.44, "unmeasured", "B"),
    ]
    columns = ["rung", "hazard_ratio", "low", "high", "bias", "grade"]
    return pd.DataFrame(rows, columns=columns).assign(grade_reasons="known_bias", claim="association")


def contacts_before_exit() -> pd.DataFrame:
    rows = []
    for clock, peak in (("notice", 0), ("leaving", 4)):
        for week in range(26):
            rate = 0.1 + (0.62 if week == peak else 0.03 * (week < 9))
            rows.append(
                {
                    "clock": clock, "weeks_before": week, "per_week": rate, "low": rate * 0.86, "high": rate * 1.16,
                    "usual": 0.1, "customers": 900 - 20 * week, "grade": "A", "grade_reasons": "",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


FRAMES = {
    "plot_ladder": ladder, "plot_before_exit": contacts_before_exit,
    "plot_contact_dose": leaving.dose, "plot_problem_effect": leaving.problem_effect,
    "plot_placebos": leaving.placebos,
    "plot_fair": standardised, "plot_overlap": overlap,
    "plot_consistency": consistency, "plot_score_by_resolution": score_by_resolution,
    "plot_resolution_curve": resolution_curve, "plot_window_advice": window_advice,
    "plot_journey": journey, "plot_self_service": self_service, "plot_reuse": reuse,
    "plot_snowballs": snowballs, "plot_snowball_positions": snowball_positions, "plot_steps": steps,
    "plot_leaks": leaks, "plot_next_issue": next_issue,
    "plot_reasons": reasons, "plot_confusion": confusion,
    "plot_change": change,
    "plot_segments": segments,
    "plot_resolution": resolution, "plot_recontact": recontact, "plot_flow": flow, "plot_settled": settled,
    "plot_estimates": estimates, "plot_coverage": coverage, "plot_volume": volume, "plot_sources": sources,
    "plot_rejects": rejects, "plot_incidence": incidence, "plot_dose_response": dose_response, "plot_caused": caused,
    "plot_text_agreement": text_topics, "plot_guesses": guessed,
    "plot_funnel": agents, "plot_unit_effects": agents, "plot_persistence": persistence,
    "plot_queue": waiting.queue, "plot_patience": waiting.patience, "plot_queue_hours": waiting.queue_hours,
    "plot_bridge": waiting.bridge,
    "plot_survival": staying.survival, "plot_problem_survival": staying.survival,
    "plot_segment_risk": staying.segment_risk, "plot_retention_value": staying.retention_value,
    **risk.FRAMES,
}  # fmt: skip


@pytest.fixture
def frame_of() -> Callable[[str], pd.DataFrame]:
    """The frame a plot is drawn from, by the plot's name."""
    return lambda name: FRAMES[name]()
