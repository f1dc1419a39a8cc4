-- Customers by the client's own segment; one row per segment.
-- Reads customers.
select segment, count(distinct customer_key) as customers
from customers
where segment is not null and customer_key is not null
group by segment
