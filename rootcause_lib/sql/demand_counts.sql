-- How contacts lie in the week: one row per kind of day (0 Monday to 6 Sunday, 7 a public holiday) and local hour with a
-- contact, inbound contacts of known customers.
-- Reads stitched_contacts and public_holidays.
with kinds as (
    select
        contact_key,
        started_hour,
        case
            when public_holidays.day is not null then 7
            else started_day + 3 - 7 * cast(floor((started_day + 3) / 7) as bigint)
        end as kind_of_day
    from stitched_contacts
    left join public_holidays on public_holidays.day = started_day
    where direction = 'inbound' and identified
        and started_seconds >= $from_seconds and started_seconds < $until_seconds
)
select kind_of_day, cast(started_hour as bigint) as hour, cast(count(contact_key) as bigint) as contacts
from kinds
group by kind_of_day, cast(started_hour as bigint)
