-- Days as a customer between two days, both included: one row per customer in the list who was one then. A customer
-- counts from the day of joining to the day of leaving, a day once.
-- Reads spells.
with cut as (
    select
        customer_key,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
),
watched as (
    select
        customer_key,
        case when first_day > $start_day then first_day else $start_day end as from_day,
        case when last_day < $end_day then last_day else $end_day end as to_day
    from cut
)
select customer_key, cast(sum(to_day - from_day + 1) as double) as days
from watched
where to_day >= from_day
group by customer_key
