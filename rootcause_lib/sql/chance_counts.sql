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
    where judged and ($matching = 'any' or reason is not null)
    group by customer_key, case when $matching = 'reason' then reason else '' end
),
watched as (
    select
        customer_key,
        sum(
            case when coalesce(left_day, $observed_until_day) < $observed_until_day then left_day
                else $observed_until_day end
            - case when coalesce(joined_day, $observed_from_day) > $observed_from_day then joined_day
                else $observed_from_day end
            + 1
        ) as days
    from spells
    where coalesce(left_day, $observed_until_day) >= $observed_from_day
        and coalesce(joined_day, $observed_from_day) <= $observed_until_day
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
