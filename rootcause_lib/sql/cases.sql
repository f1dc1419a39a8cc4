-- One row per case: contacts of one customer about one matter, each no further than its window after
-- the one before. `second_channel` and `third_channel` are those of its next contacts, `settled_in` is the channel of its
-- last contact, `switches` how often the customer changed channel within it. `handled` of its contacts have a handle
-- time. `opening_known` is false where an earlier contact may lie before the extract, `complete` where a later one may
-- lie after it; after `watched` of its contacts a whole window can be seen. A contact of which nobody can say what it was about (no
-- reason, or no case id, where matching asks for one) is a row by itself whose opening is not known.
-- Reads stitched_contacts.
with matched as (
    select
        stitched_contacts.*,
        case when $matching = 'reason' then reason end as same_reason,
        case when $matching = 'case' then case_key end as same_case,
        case
            when $matching = 'reason' and reason is null or $matching = 'case' and case_key is null then contact_key
        end as alone,
        case
            when $matching = 'case' then previous_case_seconds is null
            else coalesce(
                case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds end
                > case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400,
                true
            )
        end as opens,
        case when $own_windows then coalesce(window_days, $window_days) else $window_days end as days
    from stitched_contacts
    where judged
),
numbered as (
    select
        contact_key,
        customer_key,
        same_reason,
        same_case,
        alone,
        channel,
        reason,
        reason_group,
        segment,
        team,
        started_day,
        started_week,
        started_month,
        started_hour,
        transfers,
        handle_seconds,
        full_cost,
        opens,
        lead(opens) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as next_opens,
        lead(opens, 2) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as third_opens,
        lead(channel) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as next_channel,
        lead(channel, 2) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as channel_after,
        lead(handle_seconds) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as next_handle,
        lead(handle_seconds, 2) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) as handle_after,
        case when lag(channel) over (partition by customer_key, same_reason, same_case, alone order by started_seconds, contact_key) <> channel and not opens
            then 1 else 0 end as switched,
        sum(case when opens then 1 else 0 end) over (
            partition by customer_key, same_reason, same_case, alone
            order by started_seconds, contact_key rows between unbounded preceding and current row
        ) as case_number,
        alone is null and coalesce(history_seconds >= days * 86400, true) as opening_known,
        follow_up_seconds >= days * 86400 as complete
    from matched
)
select
    min(contact_key) as contact_key,
    customer_key,
    max(case when opens then channel end) as channel,
    max(case when opens and not coalesce(next_opens, true) then next_channel end) as second_channel,
    max(case when opens and not coalesce(next_opens, true) and not coalesce(third_opens, true) then channel_after end)
        as third_channel,
    max(case when coalesce(next_opens, true) then channel end) as settled_in,
    max(case when opens then reason end) as reason,
    max(case when opens then reason_group end) as reason_group,
    max(case when opens then segment end) as segment,
    max(case when opens then team end) as team,
    max(case when opens then started_day end) as started_day,
    max(case when opens then started_week end) as started_week,
    max(case when opens then started_month end) as started_month,
    max(case when opens then started_hour end) as started_hour,
    count(contact_key) as contacts,
    cast(sum(switched) as bigint) as switches,
    cast(sum(transfers) as bigint) as transfers,
    sum(handle_seconds) as handle_seconds,
    max(case when opens then handle_seconds end) as first_handle_seconds,
    max(case when opens and not coalesce(next_opens, true) then next_handle end) as second_handle_seconds,
    max(case when opens and not coalesce(next_opens, true) and not coalesce(third_opens, true) then handle_after end)
        as third_handle_seconds,
    count(handle_seconds) as handled,
    sum(full_cost) as full_cost,
    min(case when opens and opening_known then 1 when opens then 0 end) = 1 as opening_known,
    min(case when not coalesce(next_opens, true) then null when complete then 1 else 0 end) = 1 as complete,
    cast(sum(case when complete then 1 else 0 end) as bigint) as watched
from numbered
group by customer_key, same_reason, same_case, alone, case_number
