-- Customers watched who left in a period: one row per customer.
-- Reads person_time and spells.
select customer_key
from spells
where left_day >= $start_day and left_day <= $end_day and customer_key in (select customer_key from person_time)
group by customer_key
