-- How many contacts ended being watched in which way, and how many are of customers of which pace: one row per cell,
-- longest window and feature. A feature is a way, or 100 more than a class of pace (by contacts or by cases, as $pace
-- says). `drawn` counts those of the customers whose pairs are counted.
-- Reads window_ways, drawn_customers.
with features as (
    select customer_key, cells, opens_days, way as feature
    from window_ways
    union all
    select
        customer_key,
        cells,
        opens_days,
        100 + case when $pace = 'cases' then case_pace else contact_pace end as feature
    from window_ways
    where contact_pace is not null
)
select
    features.cells,
    opens_days,
    feature,
    cast(count(feature) as bigint) as contacts,
    cast(sum(case when customer_key <= last_customer then 1 else 0 end) as bigint) as drawn
from features
join drawn_customers on drawn_customers.cells = features.cells
group by features.cells, opens_days, feature
