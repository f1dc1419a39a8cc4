-- Customers behind figures on leaving: one row per segment, and one for all of them (`whole`). Sums over customers of how
-- often each left by choice (`value`) and of the weeks each was watched (`weight`), and of their squares and products;
-- `clusters` customers, `leavers` those who left at all.
-- Reads churn_spells.
with by_segment as (
    select
        customer_key,
        segment,
        cast(sum(case when left_by_choice then 1 else 0 end) as double) as events,
        cast(sum(last_week - entry_week + 1) as double) as weeks
    from churn_spells
    group by customer_key, segment
),
by_customer as (
    select customer_key, sum(events) as events, sum(weeks) as weeks
    from by_segment
    group by customer_key
),
both as (
    select false as whole, segment, events, weeks from by_segment
    union all
    select true as whole, cast(null as varchar) as segment, events, weeks from by_customer
)
select
    whole,
    segment,
    cast(count(weeks) as bigint) as clusters,
    cast(sum(case when events > 0 then 1 else 0 end) as bigint) as leavers,
    sum(events) as value,
    sum(weeks) as weight,
    sum(events * events) as value_value,
    sum(events * weeks) as value_weight,
    sum(weeks * weeks) as weight_weight
from both
group by whole, segment
