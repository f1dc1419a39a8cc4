-- The highest key of a customer among the contacts that are judged: one row.
-- Reads stitched_contacts.
select max(customer_key) as last_customer
from stitched_contacts
where judged
