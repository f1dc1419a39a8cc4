-- Customers as they stood at the beginning of some weeks, of those whose keys leave $remainder after division by
-- $divisor: one row per spell and snapshot. `state` adds up, for every window open at that moment, its weight times how
-- often it was opened (marks of one week count up to `most`), by nothing that came later. `tenure_weeks` is how long
-- the spell had lasted, `contract_weeks` how far the contract's end lies ahead (below 0: behind). `leaves` says whether
-- notice was given by choice in the $horizon_weeks that follow the first $embargo_weeks; spells that ended before those
-- were over are no rows. `ends_ever`: the spell ended in any way in the weeks asked about. `cut_short`: it ended
-- otherwise before the horizon was over. A snapshot at week $weeks, the end of the data, is of those who are still there
-- and have given no notice since. Contacts to cancel open nothing. $window_days tell a repeat. The further attributes
-- are empty here and are filled in on the tree; spells beyond those of the customer list have those of its last one.
-- Reads churn_spells, snapshot_weeks, customers, stitched_contacts, process_events, hazard_windows and
-- cancellation_reasons.
with numbered as (
    select
        customers.*,
        count(*) over (partition by customer_key) as told,
        row_number() over (
            partition by customer_key
            order by coalesce(joined_on, cast('1900-01-01' as date)), coalesce(left_on, cast('9999-12-31' as date))
        ) as spell
    from customers
    where customer_key - cast(floor(customer_key / $divisor) as bigint) * $divisor = $remainder
),
traits as (
    select
        customer_key,
        spell,
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3,
        max(monthly_margin) as monthly_margin,
        max(told) as told
    from numbered
    group by customer_key, spell
),
going as (
    select customer_key
    from numbered
    where date_diff('day', cast('1970-01-01' as date), coalesce(cancelled_on, left_on))
        >= $observed_from_day + 7 * $weeks
),
snapshots as (
    select
        customer_key,
        spell,
        segment,
        week,
        week - joined_week as tenure_weeks,
        contract_end_week - week as contract_weeks,
        left_by_choice and last_week < week + $embargo_weeks + $horizon_weeks as leaves,
        ending <> 'stayed' as ends_ever,
        not left_by_choice and last_week < week + $embargo_weeks + $horizon_weeks - 1 as cut_short
    from churn_spells
    join snapshot_weeks on entry_week <= week
    where customer_key - cast(floor(customer_key / $divisor) as bigint) * $divisor = $remainder
        and (
            last_week >= week + $embargo_weeks
            or (
                week = $weeks and last_week = $weeks - 1 and not left_by_choice
                and not customer_key in (select customer_key from going)
            )
        )
),
calls as (
    select
        customer_key,
        cast(floor((started_day - $observed_from_day) / 7.0) as bigint) as week,
        channel,
        reason,
        reason_group,
        resolved,
        coalesce(
            case $matching
                when 'any' then previous_any_seconds
                when 'reason' then previous_reason_seconds
                else previous_case_seconds
            end <= 86400 * $window_days,
            false
        ) as repeats
    from stitched_contacts
    where direction = 'inbound' and identified and not coalesce(abandoned, false)
        and customer_key in (select customer_key from snapshots)
        and not coalesce(reason in (select reason from cancellation_reasons), false)
),
called as (
    select customer_key, week, weight, most, from_week, until_week, count(*) as times
    from calls
    join hazard_windows on (
        mark = 'contact'
        or (mark = 'resolved' and resolved)
        or (mark = 'unresolved' and not resolved)
        or (mark = 'repeat' and repeats)
        or (mark = 'channel' and item = channel)
        or (mark = 'reason' and item = reason)
        or (mark = 'reason_group' and item = reason_group)
    )
    group by customer_key, week, weight, most, from_week, until_week
),
events as (
    select
        process_events.customer_key,
        cast(
            floor(
                (
                    date_diff(
                        'day', cast('1970-01-01' as date), case when clock = 'overdue' then due_on else started_on end
                    )
                    + late_days - $observed_from_day
                ) / 7.0
            ) as bigint
        ) as week,
        weight,
        most,
        from_week,
        until_week
    from process_events
    join hazard_windows on mark = 'problem' and item = process
    where customer_key in (select customer_key from snapshots)
        and (
            clock <> 'overdue'
            or ended_on is null
            or date_diff('day', due_on, ended_on) >= late_days
        )
),
happened as (
    select customer_key, week, weight, most, from_week, until_week, count(*) as times
    from events
    where week is not null
    group by customer_key, week, weight, most, from_week, until_week
),
opened as (
    select
        customer_key,
        week + from_week as from_week,
        week + until_week as until_week,
        weight * case when times > most then most else times end as weight
    from called
    union all
    select
        customer_key,
        week + from_week as from_week,
        week + until_week as until_week,
        weight * case when times > most then most else times end as weight
    from happened
),
states as (
    select snapshots.customer_key, snapshots.spell, snapshots.week, sum(weight) as state
    from snapshots
    join opened
        on opened.customer_key = snapshots.customer_key
        and opened.from_week <= snapshots.week
        and opened.until_week > snapshots.week
    group by snapshots.customer_key, snapshots.spell, snapshots.week
)
select
    snapshots.customer_key,
    snapshots.spell,
    snapshots.week,
    snapshots.segment,
    traits.trait_1,
    traits.trait_2,
    traits.trait_3,
    traits.monthly_margin,
    snapshots.tenure_weeks,
    snapshots.contract_weeks,
    cast(coalesce(states.state, 0) as bigint) as state,
    snapshots.leaves,
    snapshots.ends_ever,
    snapshots.cut_short
from snapshots
left join traits
    on traits.customer_key = snapshots.customer_key
    and traits.spell = case when snapshots.spell > traits.told then traits.told else snapshots.spell end
left join states
    on states.customer_key = snapshots.customer_key
    and states.spell = snapshots.spell
    and states.week = snapshots.week
