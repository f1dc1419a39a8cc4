-- How processes strike: one row per process and local day of start with the events that began and the known customers
-- they struck. What strikes nearly all customers on one day tells no customer from another.
-- Reads process_events.
with begun as (
    select
        event_id,
        customer_key,
        process,
        cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as day
    from process_events
)
select
    process,
    day,
    cast(count(event_id) as bigint) as events,
    cast(count(distinct customer_key) as bigint) as customers
from begun
where day >= $start_day and day <= $end_day
group by process, day
