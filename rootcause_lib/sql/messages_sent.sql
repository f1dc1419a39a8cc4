-- Whether we ever wrote or called first: one row with the outbound contacts of known customers until a moment.
-- Reads stitched_contacts.
select cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'outbound' and identified and started_seconds < $until_seconds
