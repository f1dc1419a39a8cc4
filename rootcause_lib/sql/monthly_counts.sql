-- What a client's own monthly total may be counting: one row per month and channel with the source rows
-- behind the contacts, the contacts, those the company began, and the attempts that were given up.
-- Reads stitched_contacts.
select
    started_month,
    channel,
    cast(sum(legs) as bigint) as source_rows,
    cast(count(contact_key) as bigint) as contacts,
    cast(sum(case when direction <> 'inbound' then 1 else 0 end) as bigint) as not_inbound,
    cast(sum(case when direction = 'inbound' and abandoned then 1 else 0 end) as bigint) as abandoned
from stitched_contacts
group by started_month, channel
