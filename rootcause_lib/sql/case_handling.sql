-- Handle time by place in the case: one row per group of customers (see case_lengths), reason the case was opened for,
-- and place (4: the fourth contact and later ones). `handled` contacts have a handle time. Of cases whose opening is
-- known: of the others nobody can say which contact was the first; those are one row without reason at place 0.
-- Reads cases.
with seen as (
    select
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups as customer_group,
        reason,
        opening_known,
        contacts,
        handled,
        handle_seconds,
        first_handle_seconds,
        second_handle_seconds,
        third_handle_seconds,
        case when first_handle_seconds is null then 0 else 1 end
            + case when second_handle_seconds is null then 0 else 1 end
            + case when third_handle_seconds is null then 0 else 1 end as early_handled
    from cases
    where started_day between $start_day and $end_day
),
places as (
    select customer_group, reason, 1 as place, 1 as contacts, case when first_handle_seconds is null then 0 else 1 end as handled, first_handle_seconds as handle_seconds
    from seen
    where opening_known
    union all
    select customer_group, reason, 2 as place, 1 as contacts, case when second_handle_seconds is null then 0 else 1 end as handled, second_handle_seconds as handle_seconds
    from seen
    where opening_known and contacts > 1
    union all
    select customer_group, reason, 3 as place, 1 as contacts, case when third_handle_seconds is null then 0 else 1 end as handled, third_handle_seconds as handle_seconds
    from seen
    where opening_known and contacts > 2
    union all
    select
        customer_group,
        reason,
        4 as place,
        contacts - 3 as contacts,
        handled - early_handled as handled,
        case
            when handled > early_handled
            then handle_seconds - coalesce(first_handle_seconds, 0) - coalesce(second_handle_seconds, 0) - coalesce(third_handle_seconds, 0)
        end as handle_seconds
    from seen
    where opening_known and contacts > 3
    union all
    select customer_group, null as reason, 0 as place, contacts, handled, handle_seconds
    from seen
    where not opening_known
)
select
    customer_group,
    reason,
    cast(place as bigint) as place,
    cast(sum(contacts) as bigint) as contacts,
    cast(sum(handled) as bigint) as handled,
    sum(handle_seconds) as handle_seconds
from places
group by customer_group, reason, place
