-- Customers behind the spells followed from landmarks: one row per process (empty: any) and whether it had failed, with
-- how many customers there are, how many of them left, how often they are counted as leaving, and that squared: a
-- customer who was there at several landmarks leaves at each.
-- Reads landmark_spells.
with per_customer as (
    select customer_key, process, failed, cast(sum(leavers) as double) as leaving
    from landmark_spells
    group by customer_key, process, failed
)
select
    process,
    failed,
    cast(count(leaving) as bigint) as customers,
    cast(sum(case when leaving > 0 then 1 else 0 end) as bigint) as leavers,
    sum(leaving) as leaving,
    sum(leaving * leaving) as leaving_squared
from per_customer
group by process, failed
