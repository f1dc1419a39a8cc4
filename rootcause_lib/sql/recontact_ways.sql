-- How each contact ended being watched: one row per judged contact ($among = 'every') or per contact that
-- opens a case ('openers'; those that may continue one begun before the extract are left out). Day d is the d-th 24
-- hours after its end. `way` is 3 * day + 1 for coming back on that day, + 2 for leaving the company by
-- choice, + 0 for being watched through that whole day and no further (day 0: not one whole day). An
-- event counts only on days that could be seen whole: else fresh contacts would seem to come back at once.
-- Openers are told at their window: where a matter has one of its own (`own_days`), its days are stretched or
-- shrunk until its window ends on day $window_days too, so that day is every matter's own window. The customer's own pace
-- is told by the other contacts about the matter and the days in which those could lie: the window before a contact that
-- opens a case is quiet by definition and does not count.
-- Reads contact_paces, stitched_contacts.
with chosen as (
    select
        customer_key,
        channel,
        coalesce(reason, '') as reason,
        case when $matching = 'reason' then reason else '' end as matter,
        case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end as back_seconds,
        left_seconds,
        follow_up_seconds,
        case when $own_windows and $among = 'openers' then coalesce(window_days, $window_days) else $window_days end
            as own_days
    from stitched_contacts
    where judged
        and started_day between $start_day and $end_day
        and case $matching when 'any' then true when 'reason' then reason is not null
            when 'case' then case_key is not null end
        and case
            when $among = 'every' then true
            when $matching = 'case'
            then previous_case_seconds is null
                and coalesce(
                    history_seconds
                    >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400,
                    true
                )
            else coalesce(
                case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds end
                > case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400,
                history_seconds
                >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400,
                true
            )
        end
),
timed as (
    select
        customer_key,
        channel,
        reason,
        matter,
        own_days,
        case
            when back_seconds > 0
            then cast(floor((back_seconds * $window_days + own_days * 86400 - 1) / (own_days * 86400)) as bigint)
            when back_seconds is not null then 1
        end as back_day,
        case
            when left_seconds > 0
            then cast(floor((left_seconds * $window_days + own_days * 86400 - 1) / (own_days * 86400)) as bigint)
            when left_seconds is not null then 1
        end as left_day,
        cast(floor(follow_up_seconds * $window_days / (own_days * 86400)) as bigint) as whole_days
    from chosen
),
seen as (
    select timed.*, case when whole_days > $horizon_days then $horizon_days else whole_days end as last_day
    from timed
),
paced as (
    select customer_key, matter, contacts, days
    from contact_paces
    where rule = $matching
)
select
    seen.customer_key,
    channel,
    reason,
    own_days,
    case
        when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
        when left_day <= last_day then 3 * left_day + 2
        else 3 * last_day
    end as way,
    paced.contacts - 1 as other_contacts,
    case
        when paced.days is null then null
        when paced.days > case when $among = 'openers' then own_days else 0 end
        then paced.days - case when $among = 'openers' then own_days else 0 end
        else 1
    end as open_days
from seen
left join paced on paced.customer_key = seen.customer_key and paced.matter = seen.matter
