-- How many contacts cases took: one row per group of customers, whether the opening is known, whether the case is
-- complete, its `length` (5: five or more) and after how many of its contacts a whole window can be seen (`followed`, 5:
-- five or more). `late_watched` are its contacts from the fifth on that are followed so, `late_went_on` those of them
-- after which another came. A group holds the customers whose keys leave the same remainder after division by
-- $customer_groups: how the groups differ is how sure a share is.
-- Reads cases.
with seen as (
    select
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups as customer_group,
        opening_known,
        complete,
        contacts,
        case when contacts < 5 then contacts else 5 end as length,
        case when complete then contacts when watched < contacts then watched else contacts - 1 end as watched
    from cases
    where started_day between $start_day and $end_day
)
select
    customer_group,
    opening_known,
    complete,
    length,
    case when watched < 5 then watched else 5 end as followed,
    count(contacts) as cases,
    cast(sum(contacts) as bigint) as contacts,
    cast(sum(case when watched > 4 then watched - 4 else 0 end) as bigint) as late_watched,
    cast(sum(case when watched > 4 and watched < contacts then watched - 4 when watched > 4 then watched - 5 else 0 end)
        as bigint) as late_went_on
from seen
group by customer_group, opening_known, complete, length, case when watched < 5 then watched else 5 end
