-- The pseudonyms of listed customers: one row per customer of a list that is asked for, and of nobody else.
-- Reads listed_customers and customer_ids.
select listed_customers.customer_key, customer_ids.customer_id
from listed_customers
join customer_ids on customer_ids.customer_key = listed_customers.customer_key
