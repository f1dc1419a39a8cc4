-- Inbound contacts by reason and month: one row per reason, month and whether the contact lies between $start_day and
-- $end_day, with the sum of squares of customers' own counts. A contact without a customer is its own.
-- Reads stitched_contacts.
with per_customer as (
    select
        reason,
        started_month,
        started_day between $start_day and $end_day as inside,
        coalesce(customer_key, 0 - contact_key) as cluster_key,
        cast(count(contact_key) as double) as contacts
    from stitched_contacts
    where direction = 'inbound' and reason is not null
    group by reason, started_month, started_day between $start_day and $end_day, coalesce(customer_key, 0 - contact_key)
)
select
    reason,
    started_month,
    inside,
    sum(contacts) as contacts,
    sum(contacts * contacts) as contacts_contacts
from per_customer
group by reason, started_month, inside
