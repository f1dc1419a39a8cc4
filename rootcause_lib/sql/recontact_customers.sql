-- Of how many customers the watched contacts are: one row per cell.
-- Reads recontact_ways.
with callers as (
    select customer_key, cells
    from recontact_ways
    group by customer_key, cells
)
select cells, cast(count(customer_key) as bigint) as customers
from callers
group by cells
