"""Every statement an engagement's analyses would run, for the client's own analyst to read; no data is touched."""

from __future__ import annotations

from dataclasses import replace

from rootcause_lib import journeys
from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.journey_steps import (
    before_calls,
    effort_answers,
    effort_scales,
    visits_seen,
)
from rootcause_lib.analyses.channel_resolution.result import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.same_mix import Groups, squares_statement
from rootcause_lib.analyses.churn_risk.asked import every_segment
from rootcause_lib.analyses.churn_risk.doses import doses
from rootcause_lib.analyses.churn_risk.ladder import ladder_cells
from rootcause_lib.analyses.churn_risk.landmark_curves import after_landmarks
from rootcause_lib.analyses.churn_risk.problems import after_problems
from rootcause_lib.analyses.churn_risk.result import analyse_churn_risk
from rootcause_lib.analyses.data_health import analyse_data_health
from rootcause_lib.analyses.root_cause.audits import count_auditable, drawn_contacts
from rootcause_lib.analyses.root_cause.change import counted_changes
from rootcause_lib.analyses.root_cause.compared import Compared, period_before
from rootcause_lib.analyses.root_cause.dose import mean_days_overdue
from rootcause_lib.analyses.root_cause.process_months import months_of
from rootcause_lib.analyses.root_cause.result import analyse_root_cause
from rootcause_lib.analyses.root_cause.segment_statements import Dealt, segment_sums
from rootcause_lib.churn_clock import settle_spells
from rootcause_lib.demand import events_by_day
from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import Recorded, empty_world
from rootcause_lib.loaders.intake_tables import empty_intake
from rootcause_lib.person_time import kinds_of_time
from rootcause_lib.risk_bands import KINDS, bands_of
from rootcause_lib.statements import Statement
from rootcause_lib.statistics.segment_search import Candidate
from rootcause_lib.store import Store


def recorded_statements(engagement: Engagement) -> list[Statement]:
    """The statements in the order they run, each distinct one once, recorded in a world without rows."""
    engine = Recorded(empty_world())
    journeys.settle(engine, engagement)
    journeys.stitch(engine, engagement)
    covered = journeys.extent(engine, engagement)
    store = Store(engagement, engine, empty_intake(present=tuple(engagement.tables)), covered, (), "")
    analyse_data_health(store)
    analyse_channel_resolution(store)
    leaving = analyse_churn_risk(store).asked
    ladder_cells(leaving)
    doses(leaving)
    store.engine.materialise("further_marks", after_problems(leaving))
    after_landmarks(leaving, (12,), {"a": None})
    settle_spells(_dormant(store))
    every_segment(store)
    store.engine.run(squares_statement(Groups("scored_contacts", "channel", "phone")))
    kinds_of_time(store, bands_of(engagement, kinds=KINDS), period=store.period(None, None))
    events_by_day(store, store.period(None, None))
    days = store.period(None, None)
    compared = Compared(period_before(days, compare="previous"), days)
    list(counted_changes(store, compared))
    analyse_root_cause(store)
    mean_days_overdue(store, (), days)
    asked = asked_about(store, days, journeys.following(engagement, covered, matching=None, window_days=None))
    before_calls(asked, visits_seen(store), base_of="calls")
    effort_scales(asked)
    effort_answers(asked, low=1, high=7, direction="higher_is_better")
    months_of(store, days)
    count_auditable(store, days)
    drawn_contacts(store, days, [1])
    candidate = Candidate("growth", (("segment", "a"),), None, 1.0, 0.0)
    sums = segment_sums(store, [candidate], {"segment": "segment"}, among=Dealt(1, 2), values=compared.values)
    store.engine.run(sums)
    seen: dict[str, Statement] = {}
    for statement in engine.statements:
        seen.setdefault(statement.review(), statement)
    return list(seen.values())


def _dormant(store: Store) -> Store:
    """The store of an engagement whose customers leave by falling silent."""
    definitions = store.engagement.definitions.model_copy(update={"churn": "dormant"})
    return replace(store, engagement=store.engagement.model_copy(update={"definitions": definitions}))
