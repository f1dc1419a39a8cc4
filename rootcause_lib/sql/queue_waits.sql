-- How long attempts waited: one row per channel, way the wait ended (given up, answered, empty: not known which) and
-- length of the wait, in whole seconds up to an hour, whole minutes up to a day and whole hours beyond.
-- Reads stitched_contacts.
with waits as (
    select
        channel,
        abandoned,
        case
            when wait_seconds < 3600 then cast(floor(wait_seconds) as bigint)
            when wait_seconds < 86400 then cast(floor(wait_seconds / 60) as bigint) * 60
            else cast(floor(wait_seconds / 3600) as bigint) * 3600
        end as seconds
    from stitched_contacts
    where direction = 'inbound' and started_day between $start_day and $end_day and wait_seconds is not null
)
select channel, abandoned, seconds, cast(count(seconds) as bigint) as contacts
from waits
group by channel, abandoned, seconds
