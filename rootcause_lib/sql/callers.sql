-- Who calls in a period: one row with the contacts counted of customers up to $last_customer, how many customers made
-- them, and the highest of those. Customers are numbered in the order of their pseudonyms, so the first so many are
-- customers drawn at random.
-- Reads stitched_contacts and spells.
select
    cast(count(contact_key) as bigint) as contacts,
    cast(count(distinct customer_key) as bigint) as customers,
    max(customer_key) as last_customer
from stitched_contacts
where direction = 'inbound' and identified and customer_key <= $last_customer
    and started_seconds >= $from_seconds and started_seconds < $until_seconds
    and ($counted = 'every' or previous_case_seconds is null)
    and (
        $among = 'everybody'
        or not customer_key in (
            select customer_key from spells where left_day >= $start_day and left_day <= $end_day
        )
    )
