-- How many spells each snapshot would hold and how many of them leave by choice: one row per week and segment, and one
-- per segment with an empty week, of which `snapshots` counts the weeks that all spells were watched, and `leavers` who
-- left. $embargo_weeks and $horizon_weeks as in snapshot_features.
-- Reads churn_spells and snapshot_weeks.
select
    week,
    segment,
    count(*) as snapshots,
    cast(
        sum(case when left_by_choice and last_week < week + $embargo_weeks + $horizon_weeks then 1 else 0 end) as bigint
    ) as leavers
from churn_spells
join snapshot_weeks on entry_week <= week and last_week >= week + $embargo_weeks
group by week, segment
union all
select
    cast(null as bigint) as week,
    segment,
    cast(sum(last_week - entry_week + 1) as bigint) as snapshots,
    cast(sum(case when left_by_choice then 1 else 0 end) as bigint) as leavers
from churn_spells
group by segment
