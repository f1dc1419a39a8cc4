-- Contacts for a reason against events of the processes said to cause it: one row per reason with the sums over groups
-- of customers. Only contacts of known customers count. Events are those begun from $from_seconds until $until_seconds.
-- Reads reason_groups, reason_processes and process_events.
with listed as (
    select reason, process from reason_processes where reason is not null group by reason, process
),
happened as (
    select
        listed.reason,
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups as group_key,
        cast(0 as double) as contacts,
        cast(count(process_events.event_id) as double) as events
    from process_events
    join listed on listed.process = process_events.process
    where process_events.customer_key is not null
        and process_events.started_seconds >= $from_seconds
        and process_events.started_seconds < $until_seconds
    group by
        listed.reason,
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups
),
both_kinds as (
    select reason, group_key, contacts, events from happened
    union all
    select reason, group_key, known_contacts as contacts, cast(0 as double) as events
    from reason_groups
    where known_contacts > 0 and reason in (select reason from listed)
),
per_group as (
    select reason, group_key, sum(contacts) as contacts, sum(events) as events
    from both_kinds
    group by reason, group_key
)
select
    reason,
    sum(contacts) as value,
    sum(events) as weight,
    cast(count(group_key) as bigint) as clusters,
    sum(contacts * contacts) as value_value,
    sum(contacts * events) as value_weight,
    sum(events * events) as weight_weight
from per_group
group by reason
