-- Customers with an inbound contact in a period: one row per reason ('' without a code) and one, `all`, over all of them.
-- A contact without a customer is a customer of its own.
-- Reads stitched_contacts and contact_topics.
with met as (
    select
        coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key) as cluster_key,
        coalesce(contact_topics.reason, stitched_contacts.reason, '') as reason
    from stitched_contacts
    left join contact_topics on contact_topics.contact_key = stitched_contacts.contact_key
    where direction = 'inbound' and started_day between $start_day and $end_day
    group by
        coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key),
        coalesce(contact_topics.reason, stitched_contacts.reason, '')
)
select reason, cast(count(cluster_key) as bigint) as customers
from met
group by reason
union all
select 'all' as reason, cast(count(distinct cluster_key) as bigint) as customers
from met
