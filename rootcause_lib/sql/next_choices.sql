-- Sums for what customers choose after self-service once its window is over: one row per kind of session, whether it
-- was resolved, and the first thing they do in the $reuse_days days that follow: a session of a kind, `people`, or
-- `none`; with the sums that give a customer-robust interval. Of sessions seen to the end of those days.
-- Reads self_service_sessions, stitched_contacts, visits and shared_customers.
with probes as (
    select
        channel,
        customer_key,
        resolved_matched as resolved,
        ended_seconds + window_seconds as at_seconds,
        count(customer_key) as sessions
    from self_service_sessions
    where customer_key is not null
        and resolved_matched is not null
        and follow_up_seconds >= window_seconds + $reuse_days * 86400
    group by channel, customer_key, resolved_matched, ended_seconds + window_seconds
),
turns as (
    select
        customer_key,
        started_seconds,
        started_seconds * 4 + case when channel = 'self_service' then 0 when channel = 'bot' then 1 else 2 end as choice
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null
    union all
    select customer_key, started_seconds, started_seconds * 4 + 3 as choice
    from visits
    where customer_key is not null and not customer_key in (select customer_key from shared_customers)
),
soonest as (
    select probes.channel, probes.customer_key, probes.resolved, probes.at_seconds, min(turns.choice) as choice
    from probes
    join turns
        on turns.customer_key = probes.customer_key
        and turns.started_seconds > probes.at_seconds
        and turns.started_seconds <= probes.at_seconds + $reuse_days * 86400
    group by probes.channel, probes.customer_key, probes.resolved, probes.at_seconds
),
chosen as (
    select
        probes.customer_key,
        probes.channel,
        probes.resolved,
        probes.sessions,
        case
            when soonest.choice is null then 'none'
            when soonest.choice - 4 * cast(floor(soonest.choice / 4) as bigint) = 0 then 'self_service'
            when soonest.choice - 4 * cast(floor(soonest.choice / 4) as bigint) = 1 then 'bot'
            when soonest.choice - 4 * cast(floor(soonest.choice / 4) as bigint) = 3 then 'visit'
            else 'people'
        end as next_choice
    from probes
    left join soonest
        on soonest.customer_key = probes.customer_key
        and soonest.at_seconds = probes.at_seconds
        and soonest.channel = probes.channel
        and soonest.resolved = probes.resolved
),
moves as (
    select customer_key, channel, resolved, next_choice, cast(sum(sessions) as double) as sessions
    from chosen
    group by customer_key, channel, resolved, next_choice
),
chances as (
    select customer_key, channel, resolved, sum(sessions) as sessions from moves
    group by customer_key, channel, resolved
),
bases as (
    select
        channel,
        resolved,
        sum(sessions) as sessions,
        cast(count(sessions) as bigint) as customers,
        sum(sessions * sessions) as sessions_sessions
    from chances
    group by channel, resolved
)
select
    moves.channel,
    moves.resolved,
    moves.next_choice,
    sum(moves.sessions) as value,
    cast(count(moves.sessions) as bigint) as movers,
    max(bases.sessions) as weight,
    max(bases.customers) as clusters,
    sum(moves.sessions * moves.sessions) as value_value,
    sum(moves.sessions * chances.sessions) as value_weight,
    max(bases.sessions_sessions) as weight_weight
from moves
join chances
    on chances.customer_key = moves.customer_key
    and chances.channel = moves.channel
    and chances.resolved = moves.resolved
join bases on bases.channel = moves.channel and bases.resolved = moves.resolved
group by moves.channel, moves.resolved, moves.next_choice
