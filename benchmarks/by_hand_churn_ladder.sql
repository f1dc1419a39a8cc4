-- The ladder's cells as an analyst would count them for this one client: hand_spells (who was at risk, by week),
-- hand_cells (weeks and notices by contact two to eight weeks back, lately, what is adjusted for) and hand_usual (weeks
-- and notices by contact in the last four and eight weeks). Reads customers, stitched_contacts, process_events.
-- Variables: first_day (days since 1970-01-01), weeks.

create or replace temp table hand_spells as
select customer_key, coalesce(segment, '') as segment, coalesce(contract, '') as contract, coalesce(region, '') as region,
    floor((joined_on - date '1970-01-01' - getvariable('first_day')) / 7) as joined_week,
    floor((contract_ends_on - date '1970-01-01' - getvariable('first_day')) / 7) as term_week,
    greatest(ceil((joined_on - date '1970-01-01' - getvariable('first_day')) / 7), 0)::int as entry_week,
    floor((coalesce(cancelled_on, left_on) - date '1970-01-01' - getvariable('first_day')) / 7) as end_week,
    coalesce(end_week < getvariable('weeks') and coalesce(leave_reason, 'choice') = 'choice', false) as leaves,
    case when end_week is null or end_week >= getvariable('weeks') then getvariable('weeks') - 1
        when leaves then end_week else end_week - 1 end::int as last_week
from customers
where customer_key is not null and last_week >= entry_week;

create or replace temp table hand_calls as
select customer_key, floor((started_day - getvariable('first_day')) / 7)::int as week,
    bool_or(reason is distinct from 'irtisanominen') as other
from stitched_contacts
where direction = 'inbound' and identified and abandoned is not true
group by all;

create or replace temp table hand_flags as
with problems as (
    select distinct customer_key, process,
        floor((if(process = 'delivery', due_on + 1, started_on) - date '1970-01-01' - getvariable('first_day')) / 7)::int
            as week
    from process_events
    where process in ('billing', 'outage', 'claim')
        or (process = 'delivery' and (ended_on is null or ended_on - due_on >= 1))
),
spread as (
    select customer_key, unnest(range(week + 3, week + 9)) as week, 1 as flag from hand_calls where other
    union all
    select customer_key, unnest(range(week + 1, week + 3)), 2 from hand_calls where other
    union all
    select customer_key, unnest(range(week + 1, week + 13)),
        case process when 'billing' then 4 when 'delivery' then 8 when 'outage' then 16 else 32 end
    from problems
)
select customer_key, week, bit_or(flag) as flags from spread group by all;

create or replace temp table hand_cells as
with grid as (
    select customer_key, segment, contract, region, joined_week, term_week, last_week, leaves,
        unnest(range(entry_week, last_week + 1)) as week
    from hand_spells
)
select segment, contract, region, coalesce(flags, 0) as flags, week >= 9 as seen, week // 13 as season,
    case when joined_week is null then 0 when week < joined_week + 52 then 1 when week < joined_week + 156 then 2
        else 3 end as tenure,
    case when term_week is null or week >= term_week then 0 when week >= term_week - 10 then 2 else 1 end as term,
    count(*) as periods, count(*) filter (leaves and week = last_week) as events
from grid left join hand_flags using (customer_key, week)
group by all;

create or replace temp table hand_usual as
with grid as (
    select customer_key, last_week, leaves, unnest(range(entry_week, last_week + 1)) as week from hand_spells
),
spread as (
    select customer_key, unnest(range(week, week + 4)) as week, 1 as flag from hand_calls
    union all
    select customer_key, unnest(range(week, week + 9)), 2 from hand_calls
),
flagged as (select customer_key, week, bit_or(flag) as flags from spread group by all)
select coalesce(flags, 0) as flags, week // 13 as season, count(*) as periods,
    count(*) filter (leaves and week = last_week) as events
from grid left join flagged using (customer_key, week)
group by all;
