-- Customers by the longest of their cases whose opening is known (5: five contacts or more); one row per length.
-- Reads cases.
with longest as (
    select customer_key, max(case when contacts < 5 then contacts else 5 end) as length
    from cases
    where started_day between $start_day and $end_day and opening_known
    group by customer_key
)
select length, count(customer_key) as customers
from longest
group by length
