-- How many contacts have a customer, and the last customer's key (keys count from 1): one row.
-- Reads contacts.
select count(customer_key) as contacts, max(customer_key) as last_customer
from contacts
