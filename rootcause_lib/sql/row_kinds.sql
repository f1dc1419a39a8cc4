-- What a row of the sources was, by channel: one row per channel and kind, with its contacts.
-- Reads stitched_contacts.
select channel, row_is, cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound'
group by channel, row_is
