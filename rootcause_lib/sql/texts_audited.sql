-- Texts of audited contacts, masked: one row per contact with a text. What was audited in a later row of a contact
-- counts for its first.
-- Reads audits, contacts, leg_groups and contact_texts.
select contact_key, contact_texts.text
from contact_texts
where contact_texts.text <> ''
    and contact_key in (
        select coalesce(leg_groups.first_key, contacts.contact_key)
        from audits
        join contacts on contacts.contact_id = audits.contact_id
        left join leg_groups on leg_groups.contact_key = contacts.contact_key
    )
