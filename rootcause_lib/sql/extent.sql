-- What the stitched contacts hold: one row per channel with the number of inbound contacts and of those that
-- carry a known customer, a case id, a reason, and a reason that says nothing.
-- Reads stitched_contacts.
select
    channel,
    cast(count(contact_key) as bigint) as contacts,
    cast(count(customer_key) as bigint) as identified,
    cast(count(case_key) as bigint) as with_case,
    cast(count(reason) as bigint) as coded,
    cast(sum(case when default_code then 1 else 0 end) as bigint) as default_coded
from stitched_contacts
where direction = 'inbound'
group by channel
