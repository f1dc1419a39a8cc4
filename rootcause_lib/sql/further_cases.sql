-- How many cases of a period took a second contact, whether or not their opening and end can be seen: one row.
-- Reads cases.
select cast(count(contact_key) as bigint) as found
from cases
where contacts > 1 and started_day between $start_day and $end_day
