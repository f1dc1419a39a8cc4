-- How often two ways of ending meet in one customer, among those drawn: one row per cell and ordered pair of ways, the
-- sum over customers of the product of their counts. From it follows the customer-robust variance. Rows without a
-- second way count the contacts of those customers.
-- Reads recontact_ways, drawn_customers.
with counted as (
    select recontact_ways.customer_key, recontact_ways.cells, recontact_ways.way, count(way) as contacts
    from recontact_ways
    join drawn_customers on drawn_customers.cells = recontact_ways.cells
    where recontact_ways.customer_key <= drawn_customers.last_customer
    group by recontact_ways.customer_key, recontact_ways.cells, recontact_ways.way
)
select cells, way, cast(null as bigint) as way_2, cast(sum(contacts) as double) as contacts
from counted
group by cells, way
union all
select first.cells, first.way, second.way as way_2, cast(sum(first.contacts * second.contacts) as double) as contacts
from counted as first
join counted as second on second.customer_key = first.customer_key and second.cells = first.cells
group by first.cells, first.way, second.way
