-- How many customers have a contact that opens a case at a window: one row per cell and longest such window of a
-- customer.
-- Reads window_ways.
with per_customer as (
    select customer_key, cells, max(opens_days) as opens_days
    from window_ways
    group by customer_key, cells
)
select cells, opens_days, cast(count(customer_key) as bigint) as customers
from per_customer
group by cells, opens_days
