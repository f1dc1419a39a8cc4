-- Where cases went from their first contact (step 1) and from their second (step 2): one row per group of customers (see
-- case_lengths), step, channel and channel of the next contact of the case (`ended`: there was none). Only contacts
-- after which a whole window can be seen; `unseen` is how many cases reached a contact of the channel without that.
-- Of cases whose opening is known.
-- Reads cases.
with seen as (
    select
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups as customer_group,
        channel,
        second_channel,
        third_channel,
        case when complete then contacts when watched < contacts then watched else contacts - 1 end as watched
    from cases
    where started_day between $start_day and $end_day and opening_known
),
steps as (
    select
        customer_group,
        1 as step,
        channel as from_channel,
        case when watched < 1 then null else coalesce(cast(second_channel as varchar), 'ended') end as to_channel
    from seen
    union all
    select
        customer_group,
        2 as step,
        second_channel as from_channel,
        case when watched < 2 then null else coalesce(cast(third_channel as varchar), 'ended') end as to_channel
    from seen
    where second_channel is not null
)
select
    customer_group,
    cast(step as bigint) as step,
    from_channel,
    to_channel,
    count(step) as cases
from steps
group by customer_group, step, from_channel, to_channel
