-- Proposals for improvement that were filed: one row per reason and status with how many there are.
-- Reads ideas.
select reason, status, cast(count(reason) as bigint) as ideas
from ideas
where reason is not null
group by reason, status
