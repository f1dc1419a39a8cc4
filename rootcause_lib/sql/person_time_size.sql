-- How much person-time there is: one row with its rows and the highest customer.
-- Reads person_time.
select cast(count(customer_key) as bigint) as size, max(customer_key) as last_customer from person_time
