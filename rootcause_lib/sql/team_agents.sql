-- How many people answer in each team: one row per team, over the inbound contacts of a period.
-- Reads stitched_contacts.
with met as (
    select team, agent_id
    from stitched_contacts
    where direction = 'inbound'
        and started_day between $start_day and $end_day
        and team is not null
        and agent_id is not null
    group by team, agent_id
)
select team, cast(count(agent_id) as bigint) as agents
from met
group by team
