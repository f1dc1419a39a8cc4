-- Spells as in churn_spells of a company whose customers never say that they leave: one row per customer and time of
-- giving signs of life (contacts, visits, process events), a time without any of more than $dormant_days between two.
-- A spell's last sign is its end where $weeks, counted so that all of the days without a sign can be seen, hold it; a
-- customer known before the data begins with them unless the first sign came later than that. Attributes are the least
-- of the customer's rows; further ones are empty here and filled in on the tree. `left_day` is the day of the last sign.
-- Reads customers, stitched_contacts, visits and process_events.
with dated as (
    select
        customer_key,
        segment,
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3,
        monthly_margin,
        cast(date_diff('day', cast('1970-01-01' as date), joined_on) as bigint) as joined_day,
        cast(date_diff('day', cast('1970-01-01' as date), contract_ends_on) as bigint) as contract_end_day
    from customers
    where customer_key is not null
),
people as (
    select
        customer_key,
        min(segment) as segment,
        min(trait_1) as trait_1,
        min(trait_2) as trait_2,
        min(trait_3) as trait_3,
        min(monthly_margin) as monthly_margin,
        min(joined_day) as joined_day,
        max(contract_end_day) as contract_end_day
    from dated
    group by customer_key
),
signs as (
    select customer_key, started_day as day
    from stitched_contacts
    where identified and direction = 'inbound'
    union all
    select customer_key, cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as day
    from visits
    where customer_key is not null
    union all
    select customer_key, cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as day
    from process_events
    where customer_key is not null
),
days as (
    select customer_key, day
    from signs
    where day >= $observed_from_day and day <= $observed_until_day
    group by customer_key, day
),
gaps as (
    select customer_key, day, lag(day) over (partition by customer_key order by day) as previous_day
    from days
),
runs as (
    select
        customer_key,
        day,
        sum(case when previous_day is null or day - previous_day > $dormant_days then 1 else 0 end) over (
            partition by customer_key order by day rows between unbounded preceding and current row
        ) as spell
    from gaps
),
lives as (
    select customer_key, cast(spell as bigint) as spell, min(day) as first_day, max(day) as last_day
    from runs
    group by customer_key, cast(spell as bigint)
),
counted as (
    select
        lives.customer_key,
        spell,
        segment,
        trait_1,
        trait_2,
        trait_3,
        monthly_margin,
        last_day as stop_day,
        last_day as left_day,
        case
            when spell = 1 and first_day - $observed_from_day <= $dormant_days and joined_day <= $observed_from_day
                then joined_day
            when spell = 1 and first_day - joined_day <= $dormant_days and joined_day <= first_day then joined_day
            else first_day
        end as joined_day,
        cast(floor((last_day - $observed_from_day) / 7.0) as bigint) as end_week,
        cast(floor((contract_end_day - $observed_from_day) / 7.0) as bigint) as contract_end_week
    from lives
    left join people on people.customer_key = lives.customer_key
),
watched as (
    select
        customer_key,
        spell,
        joined_day,
        case when end_week < $weeks then stop_day end as stop_day,
        case when end_week < $weeks then left_day end as left_day,
        segment,
        trait_1,
        trait_2,
        trait_3,
        case when end_week < $weeks then 'choice' else 'stayed' end as ending,
        cast(floor((joined_day - $observed_from_day) / 7.0) as bigint) as joined_week,
        contract_end_week,
        case
            when joined_day > $observed_from_day + 7 * $first_week
                then cast(floor((joined_day - $observed_from_day + 6) / 7.0) as bigint)
            else $first_week
        end as entry_week,
        case when end_week < $weeks then end_week else $weeks - 1 end as last_week,
        monthly_margin,
        end_week < $weeks as left_by_choice
    from counted
)
select * from watched
where last_week >= entry_week and coalesce(segment, '') = coalesce($segment, segment, '')
