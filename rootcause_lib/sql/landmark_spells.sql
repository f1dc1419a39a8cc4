-- Spells of customers that were there at the beginning of a landmark week, followed from then on: one row per customer,
-- whether anything had failed for them (`failed`; `process` is empty) and how many weeks they were `watched` (up to
-- $follow_weeks); beside them, for each process that had failed, the same of it (`process` is named). `leavers`: how
-- many of the spells left by choice in the last week watched. A failure counts at a landmark for as long as its window
-- is open there; what happens later changes no group.
-- Reads churn_spells, landmarks, process_events and hazard_windows.
with happened as (
    select
        process_events.customer_key,
        process_events.process,
        from_week,
        until_week,
        cast(
            floor(
                (
                    date_diff(
                        'day', cast('1970-01-01' as date), case when clock = 'overdue' then due_on else started_on end
                    )
                    + late_days - $observed_from_day
                ) / 7.0
            ) as bigint
        ) as week
    from process_events
    join hazard_windows on mark = 'problem' and item = process_events.process
    where clock <> 'overdue'
        or ended_on is null
        or date_diff('day', due_on, ended_on) >= late_days
),
problems as (
    select happened.customer_key, happened.process, landmarks.week
    from happened
    join landmarks on landmarks.week >= happened.week + from_week and landmarks.week < happened.week + until_week
    group by happened.customer_key, happened.process, landmarks.week
),
failed as (
    select customer_key, week from problems group by customer_key, week
),
present as (
    select
        churn_spells.customer_key,
        landmarks.week,
        case when last_week - landmarks.week < $follow_weeks then last_week - landmarks.week + 1 else $follow_weeks end
            as watched,
        case when left_by_choice and last_week - landmarks.week < $follow_weeks then 1 else 0 end as leaves
    from churn_spells
    join landmarks on churn_spells.entry_week <= landmarks.week and churn_spells.last_week >= landmarks.week
),
told as (
    select
        present.customer_key,
        cast(null as varchar) as process,
        failed.customer_key is not null as failed,
        watched,
        leaves
    from present
    left join failed on failed.customer_key = present.customer_key and failed.week = present.week
    union all
    select present.customer_key, problems.process, true as failed, watched, leaves
    from present
    join problems on problems.customer_key = present.customer_key and problems.week = present.week
)
select
    customer_key,
    process,
    failed,
    cast(watched as bigint) as watched,
    cast(count(leaves) as bigint) as spells,
    cast(sum(leaves) as bigint) as leavers
from told
group by customer_key, process, failed, watched
