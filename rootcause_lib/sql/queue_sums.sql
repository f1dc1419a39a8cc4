-- How attempts waited: one row per channel, local day and local hour with the inbound attempts that began then (legs
-- counted once, the company's own calls left out) and what became of them. `offered` are those of which it is known
-- whether the customer gave up; `waits` and `waited` are of the answered, `watched` of both. The hour that a change of clocks repeats is
-- one local hour, with the attempts of both. `within` is an answer, or giving up, in at most $within_seconds.
-- Reads stitched_contacts.
select
    channel,
    started_day,
    started_hour,
    cast(count(contact_key) as bigint) as attempts,
    cast(count(abandoned) as bigint) as offered,
    cast(sum(case when abandoned then 1 else 0 end) as bigint) as abandoned,
    cast(count(case when abandoned then wait_seconds end) as bigint) as abandoned_waits,
    cast(sum(case when abandoned and wait_seconds <= $within_seconds then 1 else 0 end) as bigint) as short_abandons,
    cast(count(case when not abandoned then wait_seconds end) as bigint) as answered_waits,
    cast(sum(case when not abandoned and wait_seconds <= $within_seconds then 1 else 0 end) as bigint)
        as answered_within,
    cast(count(case when not coalesce(abandoned, false) then wait_seconds end) as bigint) as waits,
    sum(case when not coalesce(abandoned, false) then wait_seconds end) as waited,
    sum(case when abandoned then wait_seconds end) as gave_up_waited,
    sum(case when abandoned is not null then wait_seconds end) as watched
from stitched_contacts
where direction = 'inbound' and started_day between $start_day and $end_day
group by channel, started_day, started_hour
