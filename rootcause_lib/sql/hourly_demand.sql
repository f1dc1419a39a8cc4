-- How much each hour of a period counts: one row per hour since its first second, and the one after the last, with
-- its local day, the demand of its kind (weekday or public holiday, local hour) and the demand-seconds before it. The period begins at
-- local midnight; from then on the local clock differs by what `clock_changes` say.
-- Reads day_demand, clock_changes and public_holidays.
with digits as (
    select 0 as digit
    union all select 1
    union all select 2
    union all select 3
    union all select 4
    union all select 5
    union all select 6
    union all select 7
    union all select 8
    union all select 9
),
thousands as (
    select hundred_thousands.digit * 100 + ten_thousands.digit * 10 + ones.digit as thousand
    from digits as hundred_thousands
    cross join digits as ten_thousands
    cross join digits as ones
    where (hundred_thousands.digit * 100 + ten_thousands.digit * 10 + ones.digit) * 1000 <= $hours
),
hours as (
    select thousand * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit as hour_number
    from thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones
    where thousand * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit <= $hours
),
local_hours as (
    select hour_number, hour_number + ahead_hours as local_hour
    from hours
    join clock_changes on hour_number >= from_hour and hour_number < until_hour
),
days as (
    select
        hour_number,
        $start_day + cast(floor(local_hour / 24) as bigint) as day,
        local_hour - 24 * cast(floor(local_hour / 24) as bigint) as hour
    from local_hours
),
kinds as (
    select
        hour_number,
        days.day,
        hour,
        case
            when public_holidays.day is not null then 7
            else days.day + 3 - 7 * cast(floor((days.day + 3) / 7) as bigint)
        end as kind_of_day
    from days
    left join public_holidays on public_holidays.day = days.day
)
select
    cast(hour_number as bigint) as hour_number,
    cast(day as bigint) as day,
    demand,
    coalesce(sum(demand * 3600) over (
        order by hour_number rows between unbounded preceding and 1 preceding
    ), 0) as demand_before
from kinds
join day_demand on day_demand.kind_of_day = kinds.kind_of_day and day_demand.hour = kinds.hour
