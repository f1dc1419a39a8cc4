-- Whether customers who had a problem came into contact afterwards: a mark `contacted` for each week with problems of a
-- process (`item`), in the week of the first contact that follows the first of them, and `settled` and `unsettled` where
-- a contact marked resolved, or not resolved, follows it first. Marks last as long as the problem's own window
-- (`last_week`). Weeks count from $observed_from_day; contacts to cancel count for nothing.
-- Reads process_events, hazard_windows, stitched_contacts, churn_spells and cancellation_reasons.
with problems as (
    select
        process_events.customer_key,
        process_events.process as item,
        date_diff('day', cast('1970-01-01' as date), case when clock = 'overdue' then due_on else started_on end)
        + late_days as day,
        until_week
    from process_events
    join hazard_windows on mark = 'problem' and hazard_windows.item = process_events.process
    where customer_key in (select customer_key from churn_spells)
        and (
            clock <> 'overdue'
            or ended_on is null
            or date_diff('day', due_on, ended_on) >= late_days
        )
),
by_week as (
    select
        customer_key,
        item,
        cast(floor((day - $observed_from_day) / 7.0) as bigint) as week,
        until_week,
        min(day) as day
    from problems
    where day is not null
    group by customer_key, item, cast(floor((day - $observed_from_day) / 7.0) as bigint), until_week
),
after as (
    select
        by_week.customer_key,
        by_week.item,
        by_week.week + by_week.until_week - 1 as last_week,
        min(started_day) as contacted_day,
        min(case when resolved then started_day end) as settled_day,
        min(case when not resolved then started_day end) as unsettled_day
    from by_week
    join stitched_contacts on stitched_contacts.customer_key = by_week.customer_key
        and started_day >= by_week.day
        and started_day < by_week.day + 7 * by_week.until_week
    where direction = 'inbound' and identified and not coalesce(abandoned, false)
        and not coalesce(reason in (select reason from cancellation_reasons), false)
    group by by_week.customer_key, by_week.item, by_week.week + by_week.until_week - 1
)
select
    customer_key,
    'contacted' as mark,
    item,
    cast(floor((contacted_day - $observed_from_day) / 7.0) as bigint) as week,
    last_week
from after
union all
select
    customer_key,
    'settled' as mark,
    item,
    cast(floor((settled_day - $observed_from_day) / 7.0) as bigint) as week,
    last_week
from after
where settled_day is not null
union all
select
    customer_key,
    'unsettled' as mark,
    item,
    cast(floor((unsettled_day - $observed_from_day) / 7.0) as bigint) as week,
    last_week
from after
where unsettled_day is not null
