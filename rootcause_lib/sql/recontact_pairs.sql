-- How often two ways of ending meet in one customer: one row per cell and ordered pair of ways, the
-- sum over customers of the product of their counts. From it follows the customer-robust variance.
-- Reads recontact_ways.
with counted as (
    select customer_key, cells, way, count(way) as contacts
    from recontact_ways
    group by customer_key, cells, way
),
several as (
    select counted.*, count(way) over (partition by customer_key, cells) as ways
    from counted
)
select cells, way, way as way_2, cast(sum(contacts * contacts) as double) as contacts
from counted
group by cells, way
union all
select first.cells, first.way, second.way as way_2, cast(sum(first.contacts * second.contacts) as double) as contacts
from several as first
join several as second on second.customer_key = first.customer_key and second.cells = first.cells
where first.ways > 1 and second.ways > 1 and first.way <> second.way
group by first.cells, first.way, second.way
