-- How contacts lie in the week: one row per hour of the week with a contact (whole hours of a fixed clock that
-- begins at second 0 of 1970), inbound contacts of known customers.
-- Reads stitched_contacts.
with hours as (
    select contact_key, cast(floor(started_seconds / 3600) as bigint) as hour_number
    from stitched_contacts
    where direction = 'inbound' and identified
        and started_seconds >= $from_seconds and started_seconds < $until_seconds
)
select
    hour_number - 168 * cast(floor(hour_number / 168) as bigint) as hour_of_week,
    cast(count(contact_key) as bigint) as contacts
from hours
group by hour_number - 168 * cast(floor(hour_number / 168) as bigint)
