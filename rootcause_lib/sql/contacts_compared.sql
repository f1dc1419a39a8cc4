-- How many inbound contacts two periods hold: one row.
-- Reads stitched_contacts.
select cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound'
    and (
        started_day between $before_start_day and $before_end_day
        or started_day between $start_day and $end_day
    )
