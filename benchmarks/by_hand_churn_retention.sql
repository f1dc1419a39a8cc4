-- How long customers stay as an analyst would count it for this one client: hand_stays (spells at risk of giving notice, by
-- week), hand_stay_weeks (entered, left, here and margins by segment and weeks since joining), hand_stay_customers
-- (leavings and weeks by customer, squared), hand_after (spells followed from fixed weeks, by what had failed before) and
-- hand_after_customers.
-- Reads customers, process_events. Variables: first_day (days since 1970-01-01), weeks.

create or replace temp table hand_stays as
with dated as (
    select customer_key, segment, monthly_margin, leave_reason, joined_on - date '1970-01-01' as joined,
        coalesce(cancelled_on, left_on) - date '1970-01-01' as stop,
        lead(joined_on) over (partition by customer_key order by joined_on nulls first, left_on nulls last)
            - date '1970-01-01' as next_joined
    from customers
    where customer_key is not null
),
counted as (
    select *, floor((joined - getvariable('first_day')) / 7) as joined_week,
        greatest(ceil((joined - getvariable('first_day')) / 7), 0) as entry_week,
        floor((least(stop, next_joined) - getvariable('first_day')) / 7) as end_week,
        coalesce(leave_reason, 'choice') = 'choice' and stop is not null and coalesce(next_joined > stop, true) as leaves
    from dated
)
select customer_key, segment, monthly_margin, joined_week, coalesce(entry_week, 0) as entry_week, leave_reason,
    end_week is null or end_week >= getvariable('weeks') as here,
    not here and leaves as left_by_choice,
    if(here, getvariable('weeks') - 1, end_week - if(leaves, 0, 1)) as last_week
from counted
where last_week >= coalesce(entry_week, 0);

create or replace temp table hand_stay_weeks as
select segment, stayed, sum(entered) as entered, sum(ended) as ended, sum(weeks) as weeks, sum(gone) as left_by_choice,
    sum(otherwise) as left_otherwise, sum(here) as here, count(margin) as with_margin, sum(margin) as margin,
    sum(margin * margin) as margin_squares
from (
    select segment, entry_week - joined_week as stayed, 1 as entered, 0 as ended, 0 as weeks, 0 as gone, 0 as otherwise,
        0 as here, null::double as margin
    from hand_stays
    union all
    select segment, last_week - joined_week, 0, 1, last_week - entry_week + 1, left_by_choice::int,
        (not here and leave_reason = 'not_choice')::int, here::int, if(here, monthly_margin, null)
    from hand_stays
)
group by all;

create or replace temp table hand_stay_customers as
select grouping(segment) as whole, segment, count(*) as clusters, count_if(events > 0) as leavers, sum(events), sum(weeks),
    sum(events * events), sum(events * weeks), sum(weeks * weeks)
from (
    select customer_key, segment, count_if(left_by_choice)::double as events, sum(last_week - entry_week + 1) as weeks
    from hand_stays
    group by customer_key, segment
)
group by grouping sets ((segment), ());

create or replace temp table hand_after_spells as
with failures as (
    select customer_key, process,
        floor((if(process = 'delivery', due_on + 1, started_on) - date '1970-01-01' - getvariable('first_day')) / 7) as week
    from process_events
    where process in ('billing', 'outage', 'claim') or (process = 'delivery' and coalesce(ended_on - due_on, 1) >= 1)
),
fixed as (
    select unnest(range(12, getvariable('weeks') - 3, 13)) as landmark
),
failed as (
    select customer_key, landmark, process from failures join fixed on landmark - week between 1 and 12 group by all
),
present as (
    select customer_key, landmark, least(last_week - landmark + 1, 26) as watched,
        (left_by_choice and last_week - landmark < 26)::int as leaves
    from hand_stays join fixed on landmark between entry_week and last_week
)
select customer_key, process, true as failed, watched, leaves from present join failed using (customer_key, landmark)
union all
select customer_key, null, any_failed.landmark is not null, watched, leaves
from present left join (select distinct customer_key, landmark from failed) as any_failed using (customer_key, landmark);

create or replace temp table hand_after as
select process, failed, watched, count(*) as spells, sum(leaves) as leavers from hand_after_spells group by all;

create or replace temp table hand_after_customers as
select process, failed, count(*) as customers, count_if(leaving > 0) as leavers, sum(leaving), sum(leaving * leaving)
from (select customer_key, process, failed, sum(leaves)::double as leaving from hand_after_spells group by all)
group by all;
