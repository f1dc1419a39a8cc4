-- How often two features of contacts meet in one customer, among those drawn: one row per cell, longest window at which
-- both contacts open a case and ordered pair of features. From it follows the customer-robust variance at every window.
-- What happened after that window does not count. With $least_days = 0 every contact is paired, whatever it opens.
-- Reads window_ways, drawn_customers.
with drawn as (
    select
        window_ways.customer_key,
        window_ways.cells,
        case when $least_days > 0 then opens_days else 0 end as opens_days,
        way,
        case when $pace = 'cases' then case_pace else contact_pace end as pace
    from window_ways
    join drawn_customers on drawn_customers.cells = window_ways.cells
    where customer_key <= last_customer and opens_days >= $least_days
),
features as (
    select customer_key, cells, opens_days, way as feature
    from drawn
    union all
    select customer_key, cells, opens_days, 100 + pace as feature
    from drawn
    where pace is not null
),
counted as (
    select customer_key, cells, opens_days, feature, cast(count(feature) as bigint) as contacts
    from features
    group by customer_key, cells, opens_days, feature
),
met as (
    select
        first.cells,
        case when first.opens_days < second.opens_days then first.opens_days else second.opens_days end as opens_days,
        first.feature,
        second.feature as feature_2,
        first.contacts * second.contacts as contacts
    from counted as first
    join counted as second on second.customer_key = first.customer_key and second.cells = first.cells
)
select
    cells,
    opens_days,
    case when $least_days > 0 and feature < 100 and feature >= 3 * opens_days + 3 then 3 * opens_days else feature end
        as feature,
    case when $least_days > 0 and feature_2 < 100 and feature_2 >= 3 * opens_days + 3 then 3 * opens_days
        else feature_2 end as feature_2,
    cast(sum(contacts) as double) as contacts
from met
group by
    cells,
    opens_days,
    case when $least_days > 0 and feature < 100 and feature >= 3 * opens_days + 3 then 3 * opens_days else feature end,
    case when $least_days > 0 and feature_2 < 100 and feature_2 >= 3 * opens_days + 3 then 3 * opens_days
        else feature_2 end
