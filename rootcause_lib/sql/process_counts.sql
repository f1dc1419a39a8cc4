-- Events of upstream processes that began in two periods: one row per process.
-- Reads process_events.
with dated as (
    select process, cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as started_day
    from process_events
)
select
    process,
    cast(sum(case when started_day between $before_start_day and $before_end_day then 1 else 0 end) as bigint)
        as events_before,
    cast(sum(case when started_day between $start_day and $end_day then 1 else 0 end) as bigint) as events
from dated
group by process
