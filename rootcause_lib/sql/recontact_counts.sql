-- How many contacts ended being watched in which way, and of how many customers each cell is made:
-- one row per cell and way.
-- Reads recontact_ways.
with per_customer as (
    select
        customer_key,
        cells,
        way,
        count(way) as contacts,
        row_number() over (partition by customer_key, cells order by way) as place
    from recontact_ways
    group by customer_key, cells, way
)
select
    cells,
    way,
    cast(sum(contacts) as bigint) as contacts,
    cast(sum(case when place = 1 then 1 else 0 end) as bigint) as customers
from per_customer
group by cells, way
