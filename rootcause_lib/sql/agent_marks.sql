-- Whether customers who came back within $window_days days met the agent they had met before: one mark per such contact
-- whose agent and the one before are known, `item` same or other. Weeks count from $observed_from_day.
-- Reads stitched_contacts, churn_spells and cancellation_reasons.
with met as (
    select
        customer_key,
        started_seconds,
        started_day,
        agent_id,
        reason,
        lag(agent_id) over (partition by customer_key order by started_seconds, contact_key) as agent_before,
        lag(started_seconds) over (partition by customer_key order by started_seconds, contact_key) as seconds_before
    from stitched_contacts
    where direction = 'inbound' and identified and not coalesce(abandoned, false)
        and customer_key in (select customer_key from churn_spells)
)
select
    customer_key,
    'agent' as mark,
    case when agent_id = agent_before then 'same' else 'other' end as item,
    cast(floor((started_day - $observed_from_day) / 7.0) as bigint) as week,
    cast(null as bigint) as last_week
from met
where agent_id is not null and agent_before is not null
    and started_seconds - seconds_before <= 86400 * $window_days
    and not coalesce(reason in (select reason from cancellation_reasons), false)
