-- Contacts that could have been audited: one row per channel and code, with how many there are. Attempts that nobody
-- answered count only where they carry a code all the same. No code is an empty one.
-- Reads stitched_contacts.
select channel, coalesce(reason, '') as code, cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound'
    and started_day between $start_day and $end_day
    and (reason is not null or not coalesce(abandoned, false))
group by channel, coalesce(reason, '')
