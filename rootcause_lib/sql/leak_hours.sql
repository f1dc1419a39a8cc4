-- How soon digital contacts went on: one row per digital channel, channel of the next contact about the matter, and
-- sixth of an hour (within the first day) or hour (`ten_minutes` counts both from the end, in tens of minutes). Of judged
-- contacts followed by another within the window, whose window can be seen whole.
-- Reads stitched_contacts.
with followed as (
    select
        channel as from_channel,
        case $matching when 'any' then next_any_channel when 'reason' then next_reason_channel
            when 'case' then next_case_channel end as to_channel,
        case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end as next_seconds
    from stitched_contacts
    where judged
        and channel in ('email', 'chat', 'messaging', 'bot', 'self_service', 'social')
        and started_day between $start_day and $end_day
        and case $matching when 'any' then true when 'reason' then reason is not null
            when 'case' then case_key is not null end
        and follow_up_seconds
            >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400
        and case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end
            <= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400
)
select
    from_channel,
    to_channel,
    case
        when next_seconds < 86400 then cast(floor(next_seconds / 600) as bigint)
        else cast(floor(next_seconds / 3600) as bigint) * 6
    end as ten_minutes,
    count(next_seconds) as contacts
from followed
group by
    from_channel,
    to_channel,
    case
        when next_seconds < 86400 then cast(floor(next_seconds / 600) as bigint)
        else cast(floor(next_seconds / 3600) as bigint) * 6
    end
