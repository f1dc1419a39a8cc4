-- The several reasons that audited contacts were coded with: one row per contact and reason, with its share.
-- Reads contact_topics, audits, contacts and leg_groups.
select contact_key, reason, weight
from contact_topics
where contact_key in (
    select coalesce(leg_groups.first_key, contacts.contact_key)
    from audits
    join contacts on contacts.contact_id = audits.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
)
