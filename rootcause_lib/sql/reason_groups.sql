-- Inbound contacts of a period by reason: one row per group of customers and reason, with the contacts (a contact of
-- several reasons counts for each by its weight), those of known customers and those of customers in the list; what they
-- cost, sold and scored, and whether something was open for the customer when they began, each beside the contacts of
-- which it is known. No code is an empty reason. A group holds the customers whose keys leave the same remainder after
-- division by $customer_groups: so large a number makes every customer one. A contact without a customer is its own.
-- Scores are answers to $score_metric on the scale from $scale_low to $scale_high. Only processes whose events end can
-- be open; an event that a contact opened is open after that contact.
-- Reads stitched_contacts, contact_topics, surveys, contacts, leg_groups, process_events, reason_processes and
-- customer_time.
with chosen as (
    select
        contact_key, customer_key, reason, full_cost, revenue, started_seconds
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
),
described as (
    select
        coalesce(chosen.customer_key, 0 - chosen.contact_key) as cluster_key,
        chosen.customer_key,
        customer_time.days,
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
    left join customer_time on customer_time.customer_key = chosen.customer_key
)
select
    cluster_key - cast(floor(cluster_key / $customer_groups) as bigint) * $customer_groups as group_key,
    reason,
    sum(weight) as contacts,
    sum(case when customer_key is not null then weight else 0 end) as known_contacts,
    sum(case when days is not null then weight else 0 end) as listed_contacts,
    sum(weight * full_cost) as cost,
    sum(case when full_cost is not null then weight end) as costed,
    sum(weight * revenue) as revenue,
    sum(case when revenue is not null then weight end) as sold,
    sum(weight * score_sum) as score_sum,
    sum(weight * promoted) as promoted,
    sum(weight * scores) as scores,
    sum(weight * waited) as waited,
    sum(case when waited is not null then weight end) as asked
from described
group by cluster_key - cast(floor(cluster_key / $customer_groups) as bigint) * $customer_groups, reason
