-- What the visits can tell of: one row with how many there are, how many have a customer, an end, and a word on whether
-- the visitor did what they came for, and when the first and the last began. A customer whom too many share is nobody's.
-- Reads visits and shared_customers.
select
    cast(count(visit_id) as bigint) as visits,
    cast(count(case when not customer_key in (select customer_key from shared_customers) then 1 end) as bigint)
        as identified,
    cast(count(ended_seconds) as bigint) as ended,
    cast(count(goal_reached) as bigint) as judged,
    min(started_seconds) as first_seconds,
    max(started_seconds) as last_seconds
from visits
