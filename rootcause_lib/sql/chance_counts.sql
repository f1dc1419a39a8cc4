-- How busy the customers behind the watched contacts are by themselves: one row per cell, number of their
-- other contacts, days in which those could lie and the window of the contact's matter, with the count of such
-- contacts. The window before a contact that opens a case is quiet by definition and does not count.
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
),
weighed as (
    select
        cells,
        everyday.contacts - 1 as other_contacts,
        recontact_ways.own_days,
        cast(coalesce(watched.days, $observed_until_day - $observed_from_day + 1) as bigint)
            - case when $among = 'openers' then recontact_ways.own_days else 0 end as open_days
    from recontact_ways
    join everyday
        on everyday.customer_key = recontact_ways.customer_key
        and everyday.matter = case when $matching = 'reason' then recontact_ways.reason else '' end
    left join watched on watched.customer_key = recontact_ways.customer_key
)
select
    cells,
    other_contacts,
    own_days,
    case when open_days > 0 then open_days else 1 end as observed_days,
    cast(count(own_days) as bigint) as contacts
from weighed
group by cells, other_contacts, own_days, case when open_days > 0 then open_days else 1 end
