-- Contacts per day and channel: one row per local day, channel and direction.
-- Reads stitched_contacts.
select started_on, channel, direction, cast(count(contact_key) as bigint) as contacts
from stitched_contacts
group by started_on, channel, direction
