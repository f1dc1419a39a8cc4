-- Who calls in a period: one row with the contacts of customers up to $last_customer, how many of them open a case by its
-- id, how many customers made them, and the highest of those. Customers are numbered in the order of their pseudonyms,
-- so the first so many are customers drawn at random.
-- Reads stitched_contacts.
select
    cast(count(contact_key) as bigint) as contacts,
    cast(sum(case when previous_case_seconds is null then 1 else 0 end) as bigint) as openers,
    cast(count(distinct customer_key) as bigint) as customers,
    max(customer_key) as last_customer
from stitched_contacts
where direction = 'inbound' and identified and customer_key <= $last_customer
    and started_seconds >= $from_seconds and started_seconds < $until_seconds
