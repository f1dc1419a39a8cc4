-- Whole weeks of customers, and in how many of them somebody gave notice: one row per segment, further
-- attributes and state.
-- `state` adds up, for every window that is open at the beginning of a week, its weight times how often it was opened
-- (those of one week count up to `most` times). A window opens `from_week` weeks after the week of its mark and closes at
-- `until_week`. Marks are answered contacts (`item`: channel, reason or group), how they ended, process events (`item`:
-- process; `late_days` after they were due where the clock is 'overdue'), the beginning of a spell, the end of its
-- contract, the first day of the data, and whatever `further_marks` hold (a mark with a `last_week` is open until then).
-- Contacts to cancel open nothing but windows of `any_contact`. $window_days tell a repeat.
-- Reads churn_spells, stitched_contacts, process_events, further_marks, hazard_windows and cancellation_reasons.
with calls as (
    select
        customer_key,
        cast(floor((started_day - $observed_from_day) / 7.0) as bigint) as week,
        channel,
        reason,
        reason_group,
        resolved,
        coalesce(reason in (select reason from cancellation_reasons), false) as cancels,
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
        and customer_key in (select customer_key from churn_spells)
),
called as (
    select customer_key, week, weight, most, from_week, until_week, count(*) as times
    from calls
    join hazard_windows on (
        mark = 'any_contact'
        or (mark = 'contact' and not cancels)
        or (mark = 'resolved' and resolved and not cancels)
        or (mark = 'unresolved' and not resolved and not cancels)
        or (mark = 'repeat' and repeats and not cancels)
        or (mark = 'channel' and item = channel and not cancels)
        or (mark = 'reason' and item = reason and not cancels)
        or (mark = 'reason_group' and item = reason_group and not cancels)
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
    where customer_key in (select customer_key from churn_spells)
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
marked as (
    select
        further_marks.customer_key,
        week + from_week as from_week,
        coalesce(last_week + 1, week + until_week) as until_week,
        weight,
        most,
        count(*) as times
    from further_marks
    join hazard_windows on hazard_windows.mark = further_marks.mark
        and coalesce(hazard_windows.item = further_marks.item, hazard_windows.item is null)
    group by further_marks.customer_key, week + from_week, coalesce(last_week + 1, week + until_week), weight,
        most
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
    union all
    select
        customer_key,
        from_week,
        until_week,
        weight * case when times > most then most else times end as weight
    from marked
    where until_week > from_week
),
dated as (
    select
        customer_key,
        spell,
        case mark when 'joined' then joined_week when 'contract_end' then contract_end_week else 0 end as week,
        weight,
        from_week,
        until_week
    from churn_spells
    join hazard_windows on mark in ('joined', 'contract_end', 'data')
),
windows as (
    select churn_spells.customer_key, churn_spells.spell, from_week, until_week, weight
    from opened
    join churn_spells on churn_spells.customer_key = opened.customer_key
    union all
    select customer_key, spell, week + from_week as from_week, week + until_week as until_week, weight
    from dated
    where week is not null
),
edges as (
    select customer_key, spell, from_week as week, weight from windows
    union all
    select customer_key, spell, until_week as week, -weight as weight from windows
    union all
    select customer_key, spell, entry_week as week, 0 as weight from churn_spells
),
turns as (
    select
        churn_spells.customer_key,
        churn_spells.spell,
        case when week < entry_week then entry_week else week end as week,
        sum(weight) as weight
    from edges
    join churn_spells on churn_spells.customer_key = edges.customer_key and churn_spells.spell = edges.spell
    where week <= last_week
    group by
        churn_spells.customer_key, churn_spells.spell, case when week < entry_week then entry_week else week end
),
stretches as (
    select
        customer_key,
        spell,
        week,
        sum(weight) over (
            partition by customer_key, spell order by week rows between unbounded preceding and current row
        ) as state,
        lead(week) over (partition by customer_key, spell order by week) as next_week
    from turns
)
select
    segment,
    trait_1,
    trait_2,
    trait_3,
    cast(state as bigint) as state,
    cast(sum(coalesce(next_week, last_week + 1) - week) as bigint) as weeks,
    cast(sum(case when next_week is null and left_by_choice then 1 else 0 end) as bigint) as events
from stretches
join churn_spells on churn_spells.customer_key = stretches.customer_key and churn_spells.spell = stretches.spell
group by segment, trait_1, trait_2, trait_3, cast(state as bigint)
