-- One row per customer and spell that was there at the beginning of a whole week asked about. Weeks are counted from
-- $observed_from_day; those from $first_week up to, not including, $weeks are asked about, and of $segment alone where
-- it is given. A spell enters with the first week it was there at the beginning of; the
-- clock stops when notice is given (else $notice_days before the leaving date). Who leaves by choice in a week is the
-- event of that week, the spell's last one; who leaves otherwise, moves within the company, is followed by a further
-- spell or is still there at the end is last counted in the week before. `ending`: choice, not_choice, moved_within (the
-- client's own word), followed (by a further spell) or stayed. Further attributes are empty here and filled in on the
-- tree. `contract_end_week` may lie outside the data.
-- Reads customers.
with dated as (
    select
        customer_key,
        segment,
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3,
        monthly_margin,
        coalesce(leave_reason, 'choice') as leave_reason,
        cast(date_diff('day', cast('1970-01-01' as date), joined_on) as bigint) as joined_day,
        coalesce(
            cast(date_diff('day', cast('1970-01-01' as date), cancelled_on) as bigint),
            cast(date_diff('day', cast('1970-01-01' as date), left_on) as bigint)
            - cast(coalesce($notice_days, 0) as bigint)
        ) as stop_day,
        cast(date_diff('day', cast('1970-01-01' as date), left_on) as bigint) as left_day,
        cast(date_diff('day', cast('1970-01-01' as date), contract_ends_on) as bigint) as contract_end_day,
        row_number() over (
            partition by customer_key
            order by coalesce(joined_on, cast('1900-01-01' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as spell,
        cast(date_diff('day', cast('1970-01-01' as date), lead(joined_on) over (
            partition by customer_key
            order by coalesce(joined_on, cast('1900-01-01' as date)), coalesce(left_on, cast('9999-12-31' as date))
        )) as bigint) as next_joined_day
    from customers
    where customer_key is not null
),
cut as (
    select
        *,
        case
            when stop_day is null or next_joined_day <= stop_day then coalesce(next_joined_day, stop_day)
            else stop_day
        end as end_day,
        case
            when stop_day is null and next_joined_day is null then 'stayed'
            when stop_day is null or next_joined_day <= stop_day then 'followed'
            else leave_reason
        end as ending
    from dated
),
counted as (
    select
        customer_key,
        spell,
        segment,
        trait_1,
        trait_2,
        trait_3,
        joined_day,
        stop_day,
        left_day,
        monthly_margin,
        ending,
        ending = 'choice' as leaves,
        cast(floor((joined_day - $observed_from_day) / 7.0) as bigint) as joined_week,
        case
            when joined_day > $observed_from_day + 7 * $first_week
                then cast(floor((joined_day - $observed_from_day + 6) / 7.0) as bigint)
            else $first_week
        end as entry_week,
        cast(floor((end_day - $observed_from_day) / 7.0) as bigint) as end_week,
        cast(floor((contract_end_day - $observed_from_day) / 7.0) as bigint) as contract_end_week
    from cut
),
watched as (
    select
        customer_key,
        spell,
        segment,
        trait_1,
        trait_2,
        trait_3,
        joined_day,
        stop_day,
        left_day,
        monthly_margin,
        joined_week,
        contract_end_week,
        entry_week,
        coalesce(leaves and end_week < $weeks, false) as left_by_choice,
        case when end_week is null or end_week >= $weeks then 'stayed' else ending end as ending,
        case
            when end_week is null or end_week >= $weeks then $weeks - 1
            when leaves then end_week
            else end_week - 1
        end as last_week
    from counted
)
select * from watched
where last_week >= entry_week and coalesce(segment, '') = coalesce($segment, segment, '')
