-- What is known of customers before some weeks, as an analyst would count it for this one client: hand_snapshots (one row
-- per customer's spell and week: contacts lately and earlier, repeats, unresolved ones, complaints, failures upstream,
-- length of stay, attributes, whether notice was given within the horizon).
-- Reads churn_spells, customers, stitched_contacts, process_events, snapshot_weeks. Variables: first_day (days since
-- 1970-01-01), horizon_weeks.

create or replace temp table hand_snapshots as
with snapshots as (
    select customer_key, spell, segment, week, week - joined_week as tenure_weeks,
        contract_end_week - week as contract_weeks,
        left_by_choice and last_week < week + 2 + getvariable('horizon_weeks') as leaves
    from churn_spells join snapshot_weeks on entry_week <= week and last_week >= week + 2
),
calls as (
    select customer_key, floor((started_day - getvariable('first_day')) / 7)::bigint as week, resolved, reason,
        coalesce(previous_any_seconds <= 14 * 86400, false) as repeats
    from stitched_contacts
    where direction = 'inbound' and identified and abandoned is not true and reason is distinct from 'irtisanominen'
),
called as (
    select s.customer_key, s.spell, s.week,
        count(*) filter (s.week - c.week between 1 and 4) as contacts_recent,
        count(*) filter (s.week - c.week between 5 and 12) as contacts_earlier,
        count(*) filter (s.week - c.week between 1 and 8 and repeats) as repeat_contacts,
        count(*) filter (s.week - c.week between 1 and 8 and not resolved) as unresolved,
        count(*) filter (reason = 'reklamaatio') as complaints
    from snapshots s join calls c on c.customer_key = s.customer_key and s.week - c.week between 1 and 12
    group by all
),
events as (
    select customer_key, process,
        floor(((if(process = 'delivery', due_on + 1, started_on) - date '1970-01-01') - getvariable('first_day')) / 7)
            ::bigint as week
    from process_events
    where process <> 'delivery' or ended_on is null or ended_on - due_on >= 1
),
failed as (
    select s.customer_key, s.spell, s.week,
        count(*) filter (process = 'billing') as billing, count(*) filter (process = 'delivery') as delivery,
        count(*) filter (process = 'outage') as outage, count(*) filter (process = 'claim') as claim
    from snapshots s join events e on e.customer_key = s.customer_key and s.week - e.week between 1 and 12
    group by all
),
attributes as (
    select customer_key, monthly_margin,
        row_number() over (partition by customer_key order by joined_on nulls first, left_on nulls last) as spell
    from customers
)
select snapshots.*, monthly_margin, contacts_recent, contacts_earlier, repeat_contacts, unresolved, complaints, billing,
    delivery, outage, claim
from snapshots
left join attributes using (customer_key, spell)
left join called using (customer_key, spell, week)
left join failed using (customer_key, spell, week);
