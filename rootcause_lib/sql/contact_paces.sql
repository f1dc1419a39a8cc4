-- How often customers were in touch: one row per matching rule (`any`: about anything, matter ''; `reason`: about each
-- reason), customer and matter, with the contacts, the cases they make (told apart at $window_days) and the days in which
-- they could lie.
-- Reads stitched_contacts, spells.
with everyday as (
    select
        'any' as rule,
        customer_key,
        '' as matter,
        cast(count(contact_key) as bigint) as contacts,
        cast(sum(case when not judged then 0 when previous_any_seconds <= $window_days * 86400 then 0 else 1 end) as bigint)
            as cases
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null
    group by customer_key
    union all
    select
        'reason' as rule,
        customer_key,
        reason as matter,
        cast(count(contact_key) as bigint) as contacts,
        cast(sum(case when not judged then 0 when previous_reason_seconds <= $window_days * 86400 then 0 else 1 end) as bigint)
            as cases
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null and reason is not null
    group by customer_key, reason
),
cut as (
    select
        customer_key,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
),
watched as (
    select
        customer_key,
        sum(
            case when last_day < $observed_until_day then last_day else $observed_until_day end
            - case when first_day > $observed_from_day then first_day else $observed_from_day end
            + 1
        ) as days
    from cut
    where last_day >= $observed_from_day and first_day <= $observed_until_day and last_day >= first_day
    group by customer_key
)
select
    everyday.rule,
    everyday.customer_key,
    cast(everyday.matter as varchar) as matter,
    everyday.contacts,
    everyday.cases,
    cast(coalesce(watched.days, $observed_until_day - $observed_from_day + 1) as bigint) as days
from everyday
left join watched on watched.customer_key = everyday.customer_key
