-- Which matter came after which, and which before: one row per reason of a contact and another reason, with sums over
-- customers. `after` counts contacts with one about the other reason within the window after their start, `before` those
-- with one within as long before it; what starts in the same second is neither. Only contacts whose customer could be
-- seen, and was a customer, through both windows. `more_after` customers had more of their contacts followed than preceded,
-- `more_before` fewer. A row whose other reason is null holds all such contacts: their number, customers and squares.
-- Default codes and labels of too few customers say nothing here.
-- Reads stitched_contacts and spells.
with spoken as (
    select
        contact_key,
        customer_key,
        reason,
        started_seconds,
        started_day,
        history_seconds,
        follow_up_seconds,
        next_any_seconds,
        previous_any_seconds,
        case when $own_windows then coalesce(window_days, $window_days) else $window_days end as days
    from stitched_contacts
    where judged and reason is not null and reason <> '(small)' and not coalesce(default_code, false)
),
asked as (
    select spoken.*
    from spoken
    left join spells
        on spells.customer_key = spoken.customer_key
        and spoken.started_day >= spells.first_day
        and spoken.started_day <= spells.last_day
    where spoken.started_day between $start_day and $end_day
        and coalesce(spoken.history_seconds >= spoken.days * 86400, true)
        and spoken.follow_up_seconds >= spoken.days * 86400
        and coalesce(spells.joined_day <= spoken.started_day - spoken.days, true)
        and coalesce(spells.left_day >= spoken.started_day + spoken.days, true)
),
paired as (
    select
        asked.contact_key,
        asked.customer_key,
        asked.reason,
        other.reason as next_reason,
        max(case when other.started_seconds > asked.started_seconds then 1 else 0 end) as after,
        max(case when other.started_seconds < asked.started_seconds then 1 else 0 end) as before
    from asked
    join spoken as other on other.customer_key = asked.customer_key
    where other.reason <> asked.reason
        and other.started_seconds between asked.started_seconds - asked.days * 86400
            and asked.started_seconds + asked.days * 86400
        and (asked.next_any_seconds <= asked.days * 86400 or asked.previous_any_seconds <= asked.days * 86400)
    group by asked.contact_key, asked.customer_key, asked.reason, other.reason
),
by_customer as (
    select
        customer_key,
        reason,
        next_reason,
        cast(sum(after) as double) as after,
        cast(sum(before) as double) as before
    from paired
    group by customer_key, reason, next_reason
),
chances as (
    select customer_key, reason, cast(count(contact_key) as double) as contacts
    from asked
    group by customer_key, reason
)
select
    by_customer.reason,
    by_customer.next_reason,
    sum(by_customer.after) as after,
    sum(by_customer.before) as before,
    sum(by_customer.after * by_customer.after) as after_after,
    sum(by_customer.after * by_customer.before) as after_before,
    sum(by_customer.before * by_customer.before) as before_before,
    sum(by_customer.after * chances.contacts) as after_contacts,
    cast(null as double) as contacts,
    cast(null as double) as contacts_contacts,
    count(by_customer.customer_key) as customers,
    cast(sum(case when by_customer.after > 0 then 1 else 0 end) as bigint) as customers_after,
    cast(sum(case when by_customer.before > 0 then 1 else 0 end) as bigint) as customers_before,
    cast(sum(case when by_customer.after > by_customer.before then 1 else 0 end) as bigint) as more_after,
    cast(sum(case when by_customer.after < by_customer.before then 1 else 0 end) as bigint) as more_before
from by_customer
join chances on chances.customer_key = by_customer.customer_key and chances.reason = by_customer.reason
group by by_customer.reason, by_customer.next_reason
union all
select
    reason,
    null as next_reason,
    null as after,
    null as before,
    null as after_after,
    null as after_before,
    null as before_before,
    null as after_contacts,
    sum(contacts) as contacts,
    sum(contacts * contacts) as contacts_contacts,
    count(customer_key) as customers,
    null as customers_after,
    null as customers_before,
    null as more_after,
    null as more_before
from chances
group by reason
