-- How many answers rated items got, by the question they were asked with: one row per metric, scale and direction.
-- Reads asked_contacts.
select
    metric,
    scale_low,
    scale_high,
    direction,
    cast(count(item_1) as bigint) as item_1,
    cast(count(item_2) as bigint) as item_2,
    cast(count(item_3) as bigint) as item_3,
    cast(count(item_4) as bigint) as item_4,
    cast(count(item_5) as bigint) as item_5,
    cast(count(item_6) as bigint) as item_6
from asked_contacts
group by metric, scale_low, scale_high, direction
