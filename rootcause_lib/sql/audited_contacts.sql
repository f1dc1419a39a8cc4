-- What auditors found: one row per audited contact, coder and reason, with the code the contact carries. A contact that
-- is not in the data has no key. Later rows of a contact count for its first.
-- Reads audits, contacts, leg_groups, rare_labels and stitched_contacts.
select
    audits.contact_id,
    audits.coder,
    audits.reason as found,
    audits.weight,
    audits.failure_demand,
    stitched_contacts.contact_key,
    coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key) as cluster_key,
    stitched_contacts.channel,
    stitched_contacts.direction,
    stitched_contacts.started_day,
    coalesce(stitched_contacts.reason, '') as code,
    case when rare_labels.label is null then contacts.team else '(small)' end as team,
    contacts.agent_id
from audits
left join contacts on contacts.contact_id = audits.contact_id
left join leg_groups on leg_groups.contact_key = contacts.contact_key
left join stitched_contacts
    on stitched_contacts.contact_key = coalesce(leg_groups.first_key, contacts.contact_key)
left join rare_labels on rare_labels.kind = 'team' and rare_labels.label = contacts.team
