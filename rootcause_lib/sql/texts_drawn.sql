-- Texts of inbound contacts of a period, masked, between two keys: one row per contact, with its code ("" none) and its
-- customer (a contact without one is its own). Contacts are drawn by a hash of their key, those below $drawn_below;
-- the hash runs from 0 to 2147483646.
-- Reads stitched_contacts and contact_texts.
with keyed as (
    select
        contact_key,
        contact_texts.text,
        contact_key * 1327217885 - 2147483647 * cast(floor(contact_key * 1327217885 / 2147483647) as bigint) as hash
    from contact_texts
    where contact_key between $first_key and $last_key and contact_texts.text <> ''
)
select
    stitched_contacts.contact_key,
    coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key) as cluster_key,
    stitched_contacts.channel,
    coalesce(stitched_contacts.reason, '') as code,
    keyed.text
from keyed
join stitched_contacts on stitched_contacts.contact_key = keyed.contact_key
where stitched_contacts.direction = 'inbound'
    and stitched_contacts.started_day between $start_day and $end_day
    and keyed.hash < $drawn_below
