-- The contacts drawn for an audit: one row per contact with what an auditor needs to find it, and its masked text. No
-- code, no agent. Contacts are numbered by their key and those of the places drawn are taken.
-- Reads stitched_contacts, drawn_places, audits, contacts, leg_groups and contact_texts.
with audited as (
    select coalesce(leg_groups.first_key, contacts.contact_key) as contact_key
    from audits
    join contacts on contacts.contact_id = audits.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
),
auditable as (
    select contact_key, started_on, channel
    from stitched_contacts
    where direction = 'inbound'
        and not coalesce(abandoned, false)
        and not channel in ('self_service', 'bot')
        and started_day between $start_day and $end_day
        and not contact_key in (select contact_key from audited)
),
numbered as (
    select contact_key, started_on, channel, row_number() over (order by contact_key) as place
    from auditable
)
select
    contacts.contact_id,
    numbered.started_on as day,
    numbered.channel,
    contact_texts.text
from numbered
join drawn_places on drawn_places.place = numbered.place
join contacts on contacts.contact_key = numbered.contact_key
left join contact_texts on contact_texts.contact_key = numbered.contact_key
