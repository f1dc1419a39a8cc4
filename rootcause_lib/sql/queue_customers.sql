-- Who waited: one row per channel, kind of day (0 Monday to Friday, 1 Saturday, 2 Sunday or public holiday) and local
-- hour with the different customers who tried to reach somebody then and of whom it is known how long they waited or
-- whether they gave up, and those who gave up; both -1: the whole channel. Somebody unknown counts singly.
-- Reads stitched_contacts and public_holidays.
with attempts as (
    select
        stitched_contacts.channel,
        case
            when public_holidays.day is not null or started_day - started_week = 6 then 2
            when started_day - started_week = 5 then 1
            else 0
        end as kind_of_day,
        stitched_contacts.started_hour,
        coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key) as who,
        case when stitched_contacts.abandoned then 1 end as gave_up
    from stitched_contacts
    left join public_holidays on public_holidays.day = stitched_contacts.started_day
    where stitched_contacts.direction = 'inbound'
        and stitched_contacts.started_day between $start_day and $end_day
        and (stitched_contacts.abandoned is not null or stitched_contacts.wait_seconds is not null)
),
hours as (
    select channel, kind_of_day, started_hour, who, max(gave_up) as gave_up
    from attempts
    group by channel, kind_of_day, started_hour, who
),
channels as (
    select channel, who, max(gave_up) as gave_up from hours group by channel, who
)
select
    channel,
    cast(kind_of_day as bigint) as kind_of_day,
    cast(started_hour as bigint) as started_hour,
    cast(count(who) as bigint) as customers,
    cast(count(gave_up) as bigint) as gave_up
from hours
group by channel, kind_of_day, started_hour
union all
select
    channel,
    cast(-1 as bigint) as kind_of_day,
    cast(-1 as bigint) as started_hour,
    cast(count(who) as bigint) as customers,
    cast(count(gave_up) as bigint) as gave_up
from channels
group by channel
