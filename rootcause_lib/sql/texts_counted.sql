-- How many inbound contacts of a period carry a text: one row per channel, with its contacts, those with a text, and
-- the keys between which they lie.
-- Reads stitched_contacts and contact_texts.
select
    stitched_contacts.channel,
    cast(count(stitched_contacts.contact_key) as bigint) as contacts,
    cast(count(contact_texts.contact_key) as bigint) as texts,
    min(contact_texts.contact_key) as first_key,
    max(contact_texts.contact_key) as last_key
from stitched_contacts
left join contact_texts
    on contact_texts.contact_key = stitched_contacts.contact_key and contact_texts.text <> ''
where stitched_contacts.direction = 'inbound'
    and stitched_contacts.started_day between $start_day and $end_day
group by stitched_contacts.channel
