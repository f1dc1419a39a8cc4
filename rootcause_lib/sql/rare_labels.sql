-- Labels of reasons, their groups and teams that stand for fewer than $smallest_cell customers: one row per column
-- and label. A person's name among them tells of that person, whatever is counted. A contact without a customer counts
-- as one. Labels met with many different last digits of the customer's key are not counted further.
-- Reads contacts.
with keyed as (
    select
        reason,
        reason_group,
        team,
        coalesce(customer_key, 0 - contact_key) as cluster_key,
        coalesce(customer_key, contact_key) - 64 * cast(floor(coalesce(customer_key, contact_key) / 64) as bigint) as digit
    from contacts
),
met as (
    select 'reason' as kind, cast(reason as varchar) as label, digit
    from keyed where reason is not null group by reason, digit
    union all
    select 'reason_group' as kind, cast(reason_group as varchar) as label, digit
    from keyed where reason_group is not null group by reason_group, digit
    union all
    select 'team' as kind, cast(team as varchar) as label, digit
    from keyed where team is not null group by team, digit
),
few as (
    select kind, label from met group by kind, label having count(digit) < $smallest_cell
),
customers as (
    select few.kind, few.label, keyed.cluster_key
    from keyed
    join few on few.kind = 'reason' and few.label = keyed.reason
    group by few.kind, few.label, keyed.cluster_key
    union all
    select few.kind, few.label, keyed.cluster_key
    from keyed
    join few on few.kind = 'reason_group' and few.label = keyed.reason_group
    group by few.kind, few.label, keyed.cluster_key
    union all
    select few.kind, few.label, keyed.cluster_key
    from keyed
    join few on few.kind = 'team' and few.label = keyed.team
    group by few.kind, few.label, keyed.cluster_key
)
select kind, label from customers group by kind, label having count(cluster_key) < $smallest_cell
