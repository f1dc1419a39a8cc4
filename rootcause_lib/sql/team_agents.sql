-- How many people answer in each team: one row per team and way of counting them, by the inbound contacts of a period
-- and by the list of agents who were employed in it.
-- Reads stitched_contacts and agents.
with met as (
    select team, agent_id
    from stitched_contacts
    where direction = 'inbound'
        and started_day between $start_day and $end_day
        and team is not null
        and agent_id is not null
    group by team, agent_id
),
employed as (
    select team
    from agents
    where team is not null
        and cast(date_diff('day', cast('1970-01-01' as date), hired_on) as bigint) <= $end_day
        and coalesce(cast(date_diff('day', cast('1970-01-01' as date), left_on) as bigint) >= $start_day, true)
)
select team, cast(count(agent_id) as bigint) as agents
from met
group by team
union all
select team, cast(count(team) as bigint) as agents
from employed
group by team
