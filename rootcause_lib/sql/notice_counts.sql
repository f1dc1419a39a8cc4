-- How many rows of the customer list have a leaving date and left by choice, and how many of them the day of notice too;
-- one row.
-- Reads customers.
select
    count(*) as leavers,
    count(cancelled_on) as told
from customers
where customer_key is not null and left_on is not null and coalesce(leave_reason, 'choice') = 'choice'
