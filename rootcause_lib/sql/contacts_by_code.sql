-- Inbound contacts of known customers by the reason they carry: one row per reason.
-- Reads stitched_contacts.
select reason, cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound' and identified and reason is not null and started_day between $start_day and $end_day
group by reason
