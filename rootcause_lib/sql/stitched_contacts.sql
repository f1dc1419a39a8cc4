-- One row per contact, with the seconds to its neighbours under each matching rule, so that window
-- and rule stay open to the reader. `previous_*_seconds` and `answered` look at answered contacts only, the
-- other neighbours also at abandoned attempts. Distances run from an end to the next start, never below zero.
-- `judged` contacts are the customer's own, identified and answered: only they have neighbours to judge by.
-- `case_key` is the key of the first contact of the client's own case.
-- `history_seconds` is how far back the extract could show an earlier contact (null: all the way),
-- `follow_up_seconds` how long a later one could be seen, `left_seconds` when the customer left by choice (null
-- where they had left before; to the hour around a change of clocks).
-- Texts that tell contacts apart stay in `contacts`, under the same key. Labels of too few customers are one here,
-- `(small)`; neighbours, windows and default codes are found by the labels as they came.
-- Neighbours are looked for among few columns and joined back: sorting all of them would cost twice as much.
-- Reads contacts, leg_groups, merged_contacts, shared_customers, spells, reason_settings, channel_costs,
-- rare_labels.
with turns as (
    select
        contact_key,
        customer_key,
        reason,
        channel,
        started_seconds,
        case when not coalesce(abandoned, false) then started_seconds end as answered_started,
        case when not coalesce(abandoned, false) then ended_seconds end as answered_ended
    from (
        select contact_key, customer_key, reason, channel, direction, abandoned, started_seconds, ended_seconds
        from contacts
        where not contact_key in (select contact_key from leg_groups)
        union all
        select contact_key, customer_key, reason, channel, direction, abandoned, started_seconds, ended_seconds
        from merged_contacts
    ) as every_turn
    where customer_key is not null
        and direction = 'inbound'
        and not customer_key in (select customer_key from shared_customers)
),
any_neighbours as (
    select
        turns.*,
        max(answered_ended) over (
            partition by customer_key
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as any_earlier_ended,
        lead(started_seconds) over (partition by customer_key order by started_seconds, contact_key)
            as any_later_started,
        min(answered_started) over (
            partition by customer_key
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as any_later_answered,
        lead(channel) over (partition by customer_key order by started_seconds, contact_key) as next_any_channel
    from turns
),
neighbours as (
    select
        contact_key,
        any_earlier_ended,
        any_later_started,
        any_later_answered,
        next_any_channel,
        max(answered_ended) over (
            partition by customer_key, reason
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as reason_earlier_ended,
        lead(started_seconds) over (partition by customer_key, reason order by started_seconds, contact_key)
            as reason_later_started,
        min(answered_started) over (
            partition by customer_key, reason
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as reason_later_answered,
        lead(channel) over (partition by customer_key, reason order by started_seconds, contact_key)
            as next_reason_channel
    from any_neighbours
),
case_turns as (
    select contact_key, customer_key, case_id, channel, direction, abandoned, started_seconds, ended_seconds
    from contacts
    where case_id is not null and not contact_key in (select contact_key from leg_groups)
    union all
    select contact_key, customer_key, case_id, channel, direction, abandoned, started_seconds, ended_seconds
    from merged_contacts
    where case_id is not null
),
case_neighbours as (
    select
        contact_key,
        min(contact_key) over (partition by customer_key, case_id) as case_key,
        max(case when not coalesce(abandoned, false) then ended_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as case_earlier_ended,
        lead(started_seconds) over (partition by customer_key, case_id order by started_seconds, contact_key)
            as case_later_started,
        min(case when not coalesce(abandoned, false) then started_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as case_later_answered,
        lead(channel) over (partition by customer_key, case_id order by started_seconds, contact_key)
            as next_case_channel
    from case_turns
    where customer_key is not null
        and direction = 'inbound'
        and not customer_key in (select customer_key from shared_customers)
),
whole as (
    select
        contact_key,
        customer_key,
        row_is,
        started_seconds,
        ended_seconds,
        started_on,
        started_hour,
        channel,
        direction,
        reason,
        reason_group,
        agent_id,
        team,
        wait_seconds,
        handle_seconds,
        wrap_up_seconds,
        abandoned,
        transfers,
        resolved,
        reopened,
        cost,
        revenue,
        complained,
        repeated_information,
        cast(1 as bigint) as legs
    from contacts
    where not contact_key in (select contact_key from leg_groups)
    union all
    select
        contact_key,
        customer_key,
        row_is,
        started_seconds,
        ended_seconds,
        started_on,
        started_hour,
        channel,
        direction,
        reason,
        reason_group,
        agent_id,
        team,
        wait_seconds,
        handle_seconds,
        wrap_up_seconds,
        abandoned,
        transfers,
        resolved,
        reopened,
        cost,
        revenue,
        complained,
        repeated_information,
        legs
    from merged_contacts
),
placed as (
    select
        whole.*,
        case when not customer_key in (select customer_key from shared_customers) then customer_key end as known_key,
        cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as started_day,
        cast(extract(year from started_on) * 12 + extract(month from started_on) - 1 as bigint) as started_month
    from whole
),
timed as (
    select
        placed.*,
        started_day * 86400 + started_hour * 3600 - cast(floor(started_seconds / 3600) as bigint) * 3600
            as local_offset_seconds
    from placed
)
select
    timed.contact_key,
    timed.known_key as customer_key,
    timed.row_is,
    timed.started_seconds,
    timed.ended_seconds,
    timed.started_on,
    timed.started_hour,
    timed.channel,
    timed.direction,
    case when rare_reasons.label is null then timed.reason else '(small)' end as reason,
    case when rare_groups.label is null then timed.reason_group else '(small)' end as reason_group,
    timed.agent_id,
    case when rare_teams.label is null then timed.team else '(small)' end as team,
    timed.wait_seconds,
    timed.handle_seconds,
    timed.wrap_up_seconds,
    timed.abandoned,
    timed.transfers,
    timed.resolved,
    timed.reopened,
    case_neighbours.case_key,
    timed.revenue,
    timed.complained,
    timed.repeated_information,
    timed.legs,
    spells.segment,
    timed.started_day,
    cast(floor((timed.started_day + 3) / 7) as bigint) * 7 - 3 as started_week,
    timed.started_month,
    timed.known_key is not null as identified,
    timed.known_key is not null and timed.direction = 'inbound' and not coalesce(timed.abandoned, false) as judged,
    case when timed.reason is not null then coalesce(reason_settings.default_code, false) end as default_code,
    reason_settings.window_days,
    coalesce(timed.cost, channel_costs.per_contact, channel_costs.per_handle_second * timed.handle_seconds)
        as full_cost,
    case when spells.joined_day >= $observed_from_day then null
        else timed.started_seconds - $observed_from_seconds end as history_seconds,
    case
        when not spells.left_by_choice
            and (spells.left_day + 1) * 86400 - timed.local_offset_seconds < $observed_until_seconds
            and (spells.left_day + 1) * 86400 - timed.local_offset_seconds > timed.ended_seconds
        then (spells.left_day + 1) * 86400 - timed.local_offset_seconds - timed.ended_seconds
        when $observed_until_seconds > timed.ended_seconds then $observed_until_seconds - timed.ended_seconds
        else 0
    end as follow_up_seconds,
    case
        when spells.left_by_choice and (spells.left_day + 1) * 86400 - timed.local_offset_seconds > timed.ended_seconds
        then (spells.left_day + 1) * 86400 - timed.local_offset_seconds - timed.ended_seconds
        when spells.left_by_choice and (spells.left_day + 1) * 86400 - timed.local_offset_seconds > timed.started_seconds
        then 0
    end as left_seconds,
    case when timed.started_seconds > neighbours.any_earlier_ended
        then timed.started_seconds - neighbours.any_earlier_ended
        when neighbours.any_earlier_ended is not null then 0 end as previous_any_seconds,
    case when neighbours.any_later_started > timed.ended_seconds
        then neighbours.any_later_started - timed.ended_seconds
        when neighbours.any_later_started is not null then 0 end as next_any_seconds,
    case when neighbours.any_later_answered > timed.ended_seconds
        then neighbours.any_later_answered - timed.ended_seconds
        when neighbours.any_later_answered is not null then 0 end as next_any_answered_seconds,
    neighbours.next_any_channel,
    case when timed.reason is null then null
        when timed.started_seconds > neighbours.reason_earlier_ended
        then timed.started_seconds - neighbours.reason_earlier_ended
        when neighbours.reason_earlier_ended is not null then 0 end as previous_reason_seconds,
    case when timed.reason is null then null
        when neighbours.reason_later_started > timed.ended_seconds
        then neighbours.reason_later_started - timed.ended_seconds
        when neighbours.reason_later_started is not null then 0 end as next_reason_seconds,
    case when timed.reason is null then null
        when neighbours.reason_later_answered > timed.ended_seconds
        then neighbours.reason_later_answered - timed.ended_seconds
        when neighbours.reason_later_answered is not null then 0 end as next_reason_answered_seconds,
    case when timed.reason is not null then neighbours.next_reason_channel end as next_reason_channel,
    case when timed.started_seconds > case_neighbours.case_earlier_ended
        then timed.started_seconds - case_neighbours.case_earlier_ended
        when case_neighbours.case_earlier_ended is not null then 0 end as previous_case_seconds,
    case when case_neighbours.case_later_started > timed.ended_seconds
        then case_neighbours.case_later_started - timed.ended_seconds
        when case_neighbours.case_later_started is not null then 0 end as next_case_seconds,
    case when case_neighbours.case_later_answered > timed.ended_seconds
        then case_neighbours.case_later_answered - timed.ended_seconds
        when case_neighbours.case_later_answered is not null then 0 end as next_case_answered_seconds,
    case_neighbours.next_case_channel
from timed
left join spells
    on spells.customer_key = timed.known_key
    and timed.started_day >= spells.first_day
    and timed.started_day <= spells.last_day
left join neighbours on neighbours.contact_key = timed.contact_key
left join case_neighbours on case_neighbours.contact_key = timed.contact_key
left join reason_settings on reason_settings.reason = timed.reason
left join channel_costs on channel_costs.channel = timed.channel
left join rare_labels as rare_reasons on rare_reasons.kind = 'reason' and rare_reasons.label = timed.reason
left join rare_labels as rare_groups on rare_groups.kind = 'reason_group' and rare_groups.label = timed.reason_group
left join rare_labels as rare_teams on rare_teams.kind = 'team' and rare_teams.label = timed.team
