"""Figures: one tidy frame in, one Axes out; nothing is computed here and nothing is shown or saved.

Every figure draws the intervals its frame holds, labels units, writes numbers in the reader's language and
gives a channel the same colour everywhere. `alt_text` says in words what a figure shows.
"""

from __future__ import annotations

from rootcause_lib.plots.alternatives import alt_text
from rootcause_lib.plots.before_exit import plot_before_exit
from rootcause_lib.plots.bridge import plot_bridge
from rootcause_lib.plots.caused import plot_caused
from rootcause_lib.plots.chains import plot_snowball_positions, plot_snowballs
from rootcause_lib.plots.change import plot_change
from rootcause_lib.plots.confusion import plot_confusion
from rootcause_lib.plots.contact_dose import plot_contact_dose, plot_problem_effect
from rootcause_lib.plots.dose import plot_dose_response
from rootcause_lib.plots.estimates import plot_coverage, plot_estimates
from rootcause_lib.plots.fair import plot_fair
from rootcause_lib.plots.flow import plot_flow
from rootcause_lib.plots.guesses import plot_guesses
from rootcause_lib.plots.incidence import plot_incidence
from rootcause_lib.plots.journey import plot_journey
from rootcause_lib.plots.ladder import plot_ladder
from rootcause_lib.plots.leaks import plot_leaks
from rootcause_lib.plots.next_issue import plot_next_issue
from rootcause_lib.plots.overlap import plot_overlap
from rootcause_lib.plots.patience import plot_patience
from rootcause_lib.plots.persistence import plot_persistence
from rootcause_lib.plots.pictures import NARROW, WIDE, picture
from rootcause_lib.plots.placebos import plot_placebos
from rootcause_lib.plots.queue import plot_queue
from rootcause_lib.plots.queue_hours import plot_queue_hours
from rootcause_lib.plots.reasons import plot_reasons
from rootcause_lib.plots.recontact import plot_recontact
from rootcause_lib.plots.resolution import plot_resolution
from rootcause_lib.plots.resolution_curve import plot_resolution_curve, plot_window_advice
from rootcause_lib.plots.risk_scores import plot_calibration, plot_lift, plot_profit
from rootcause_lib.plots.scores import plot_consistency, plot_score_by_resolution
from rootcause_lib.plots.segments import plot_segments
from rootcause_lib.plots.self_service import plot_reuse, plot_self_service
from rootcause_lib.plots.settled import plot_settled
from rootcause_lib.plots.sources import plot_rejects, plot_sources
from rootcause_lib.plots.staying import plot_retention_value, plot_segment_risk
from rootcause_lib.plots.steps import plot_steps
from rootcause_lib.plots.style import channel_colour, style
from rootcause_lib.plots.survival import plot_problem_survival, plot_survival
from rootcause_lib.plots.text_topics import plot_text_agreement
from rootcause_lib.plots.units import plot_funnel, plot_unit_effects
from rootcause_lib.plots.volume import plot_volume

__all__ = [
    "NARROW",
    "WIDE",
    "alt_text",
    "channel_colour",
    "picture",
    "plot_before_exit",
    "plot_bridge",
    "plot_calibration",
    "plot_caused",
    "plot_change",
    "plot_confusion",
    "plot_consistency",
    "plot_contact_dose",
    "plot_coverage",
    "plot_dose_response",
    "plot_estimates",
    "plot_fair",
    "plot_flow",
    "plot_funnel",
    "plot_guesses",
    "plot_incidence",
    "plot_journey",
    "plot_ladder",
    "plot_leaks",
    "plot_lift",
    "plot_next_issue",
    "plot_overlap",
    "plot_patience",
    "plot_persistence",
    "plot_placebos",
    "plot_problem_effect",
    "plot_problem_survival",
    "plot_profit",
    "plot_queue",
    "plot_queue_hours",
    "plot_reasons",
    "plot_recontact",
    "plot_rejects",
    "plot_resolution",
    "plot_resolution_curve",
    "plot_retention_value",
    "plot_reuse",
    "plot_score_by_resolution",
    "plot_segment_risk",
    "plot_segments",
    "plot_self_service",
    "plot_settled",
    "plot_snowball_positions",
    "plot_snowballs",
    "plot_sources",
    "plot_steps",
    "plot_survival",
    "plot_text_agreement",
    "plot_unit_effects",
    "plot_volume",
    "plot_window_advice",
    "style",
]
