-- One row per customer and spell, cut so that a customer's spells fill all days without overlap:
-- a day belongs to the spell that began last. Days are counted from 1970-01-01. A move within the
-- company is no leaving; leaving without a stated reason counts as a choice.
-- Reads customers.
with counted as (
    select
        customer_key,
        segment,
        leave_reason,
        cast(date_diff('day', cast('1970-01-01' as date), joined_on) as bigint) as joined_day,
        cast(date_diff('day', cast('1970-01-01' as date), left_on) as bigint) as left_day,
        row_number() over (
            partition by customer_key
            order by coalesce(joined_on, cast('1900-01-01' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as place,
        lead(joined_on) over (
            partition by customer_key
            order by coalesce(joined_on, cast('1900-01-01' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as next_joined_on
    from customers
    where customer_key is not null
)
select
    customer_key,
    segment,
    joined_day,
    case when place = 1 then -1000000 else coalesce(joined_day, -1000000) end as first_day,
    coalesce(cast(date_diff('day', cast('1970-01-01' as date), next_joined_on) as bigint) - 1, 10000000) as last_day,
    case when coalesce(leave_reason, 'choice') = 'moved_within' then null else left_day end as left_day,
    coalesce(leave_reason, 'choice') = 'choice' as left_by_choice
from counted
