-- Person-time of a range of customers as it was kept: one row per customer, season and state.
-- Reads person_time.
select
    customer_key,
    season,
    state,
    seconds,
    demand_seconds,
    contacts,
    cost,
    costless,
    openers,
    opener_cost,
    opener_costless
from person_time
where customer_key between $first_customer and $last_customer
