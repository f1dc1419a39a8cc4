-- The highest key of a customer among the watched contacts: one row.
-- Reads window_ways.
select max(customer_key) as last_customer
from window_ways
