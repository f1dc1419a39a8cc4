-- How many contacts can be drawn for an audit: one row. Inbound, answered by somebody, not audited yet.
-- Reads stitched_contacts, audits, contacts and leg_groups.
with audited as (
    select coalesce(leg_groups.first_key, contacts.contact_key) as contact_key
    from audits
    join contacts on contacts.contact_id = audits.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
)
select cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound'
    and not coalesce(abandoned, false)
    and not channel in ('self_service', 'bot')
    and started_day between $start_day and $end_day
    and not contact_key in (select contact_key from audited)
