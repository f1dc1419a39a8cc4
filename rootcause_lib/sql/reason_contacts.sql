-- Inbound contacts of a period by reason: one row per contact and reason, nearly always one per contact, with the
-- reason's share of it, what it cost and sold, how it was scored, and whether something was open for the customer when
-- it began (null: customer not known). No code is an empty reason. A contact without a customer is its own cluster.
-- Scores are answers to $score_metric on the scale from $scale_low to $scale_high. Only processes whose events end can
-- be open; an event that a contact opened is open after that contact.
-- Reads stitched_contacts, contact_topics, surveys, contacts, leg_groups, process_events and reason_processes.
with chosen as (
    select
        contact_key, customer_key, channel, reason, full_cost, revenue, started_seconds
    from stitched_contacts
    where direction = 'inbound' and started_day between $start_day and $end_day
),
scored as (
    select
        coalesce(leg_groups.first_key, contacts.contact_key) as contact_key,
        cast(sum(surveys.score) as double) as score_sum,
        cast(sum(case when surveys.score >= 9 then 1 when surveys.score <= 6 then 0 - 1 else 0 end) as double)
            as promoted,
        cast(count(surveys.score) as double) as scores
    from surveys
    join contacts on contacts.contact_id = surveys.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
    where surveys.metric = $score_metric
        and surveys.score is not null
        and coalesce(surveys.scale_low, $scale_low) = $scale_low
        and coalesce(surveys.scale_high, $scale_high) = $scale_high
    group by coalesce(leg_groups.first_key, contacts.contact_key)
),
ending as (
    select process from process_events where ended_seconds is not null group by process
),
opening as (
    select process from reason_processes where opened_by_contact group by process
),
waiting as (
    select chosen.contact_key
    from chosen
    join process_events on process_events.customer_key = chosen.customer_key
    where process_events.process in (select process from ending)
        and process_events.started_seconds <= chosen.started_seconds
        and coalesce(process_events.ended_seconds > chosen.started_seconds, true)
        and not (
            process_events.started_seconds = chosen.started_seconds
            and (
                coalesce(process_events.opened_by_contact, false)
                or process_events.process in (select process from opening)
            )
        )
    group by chosen.contact_key
)
select
    chosen.contact_key,
    chosen.customer_key,
    coalesce(chosen.customer_key, 0 - chosen.contact_key) as cluster_key,
    chosen.channel,
    coalesce(contact_topics.reason, chosen.reason, '') as reason,
    coalesce(contact_topics.weight, cast(1 as double)) as weight,
    chosen.full_cost,
    chosen.revenue,
    scored.score_sum,
    scored.promoted,
    scored.scores,
    case
        when chosen.customer_key is null then null
        when waiting.contact_key is null then cast(0 as double)
        else cast(1 as double)
    end as waited
from chosen
left join contact_topics on contact_topics.contact_key = chosen.contact_key
left join scored on scored.contact_key = chosen.contact_key
left join waiting on waiting.contact_key = chosen.contact_key
