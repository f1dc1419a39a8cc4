-- How busy the customers behind the watched contacts are by themselves: one row per cell, number of their
-- other contacts and days in which those could lie, with the count of such contacts. $quiet_days before a
-- contact that opens a case are quiet by definition and do not count.
-- Reads recontact_ways, stitched_contacts, spells.
with everyday as (
    select
        customer_key,
        case when $matching = 'reason' then reason else '' end as matter,
        count(contact_key) as contacts
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null and ($matching = 'any' or reason is not null)
    group by customer_key, case when $matching = 'reason' then reason else '' end
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
    cells,
    everyday.contacts - 1 as other_contacts,
    case
        when coalesce(watched.days, $observed_until_day - $observed_from_day + 1) > $quiet_days
        then cast(coalesce(watched.days, $observed_until_day - $observed_from_day + 1) as bigint) - $quiet_days
        else 1
    end as observed_days,
    cast(count(recontact_ways.way) as bigint) as contacts
from recontact_ways
join everyday
    on everyday.customer_key = recontact_ways.customer_key
    and everyday.matter = case when $matching = 'reason' then recontact_ways.reason else '' end
left join watched on watched.customer_key = recontact_ways.customer_key
group by
    cells,
    everyday.contacts - 1,
    case
        when coalesce(watched.days, $observed_until_day - $observed_from_day + 1) > $quiet_days
        then cast(coalesce(watched.days, $observed_until_day - $observed_from_day + 1) as bigint) - $quiet_days
        else 1
    end
