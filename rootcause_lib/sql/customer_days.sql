-- Days as a customer in two periods, the first and last day of each included: one row per segment, further
-- attributes and half of the customers (0 for even keys, 1 for odd ones). A customer of several spells has the least
-- value of each attribute. The attributes are empty here and are filled in on the tree.
-- Reads customers and spells.
with traits as (
    select
        customer_key,
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3
    from customers
    where customer_key is not null
    group by customer_key
),
cut as (
    select
        customer_key,
        segment,
        customer_key - cast(floor(customer_key / 2) as bigint) * 2 as half,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
),
within as (
    select
        customer_key,
        segment,
        half,
        case when first_day > $before_start_day then first_day else $before_start_day end as before_from_day,
        case when last_day < $before_end_day then last_day else $before_end_day end as before_to_day,
        case when first_day > $start_day then first_day else $start_day end as from_day,
        case when last_day < $end_day then last_day else $end_day end as to_day
    from cut
),
counted as (
    select
        customer_key,
        segment,
        half,
        case when before_to_day >= before_from_day then before_to_day - before_from_day + 1 else 0 end as days_before,
        case when to_day >= from_day then to_day - from_day + 1 else 0 end as days
    from within
)
select
    counted.half,
    counted.segment,
    traits.trait_1,
    traits.trait_2,
    traits.trait_3,
    cast(sum(counted.days_before) as double) as days_before,
    cast(sum(counted.days) as double) as days
from counted
left join traits on traits.customer_key = counted.customer_key
group by counted.half, counted.segment, traits.trait_1, traits.trait_2, traits.trait_3
