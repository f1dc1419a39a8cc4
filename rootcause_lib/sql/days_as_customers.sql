-- How long there were customers: one row with their days.
-- Reads customer_time.
select sum(days) as days
from customer_time
