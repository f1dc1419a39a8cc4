-- Resolution at every window from 1 to 30 days and the end of coming back, as counted by hand: of repeats of any matter
-- and of the same reason, over everything and by channel; the end by reason too. Each contact stands once, under the
-- longest window at which it opens a case, beside how it ended being watched and the customer's own pace. Pairs of
-- endings (and paces) in one customer, which intervals are made of, from the first 20,000 customers of a cell, as the
-- library draws them: counting them for all windows and all customers would cost fifty times as much.
-- hand_paces_any, hand_paces_reason, hand_windows_any, hand_windows_reason, hand_window_counts, hand_window_customers, hand_window_paces, hand_window_pairs.
-- Reads stitched_contacts, spells. Variables: horizon, window_seconds, from_day, until_day.
create or replace temp table hand_watched as
select customer_key, sum(least(last_day, coalesce(left_day, last_day), getvariable('until_day'))
    - greatest(coalesce(joined_day, first_day), first_day, getvariable('from_day')) + 1)::bigint as days
from spells
group by all;

create or replace temp table hand_paces_any as
select customer_key, contacts, cases, coalesce(days, getvariable('until_day') - getvariable('from_day') + 1) as days
from (
    select customer_key, count(*) as contacts,
        count(*) filter (judged and coalesce(previous_any_seconds > getvariable('window_seconds'), true)) as cases
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null
    group by all
)
left join hand_watched using (customer_key);

create or replace temp table hand_paces_reason as
select customer_key, reason, contacts, cases, coalesce(days, getvariable('until_day') - getvariable('from_day') + 1) as days
from (
    select customer_key, reason, count(*) as contacts,
        count(*) filter (judged and coalesce(previous_reason_seconds > getvariable('window_seconds'), true)) as cases
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null and reason is not null
    group by all
)
left join hand_watched using (customer_key);

create or replace temp macro pace_of(others, days) as case
    when others = 0 then 0 when others * 365 < days then 1 when others * 365 < 2 * days then 2
    when others * 365 < 3 * days then 3 when others * 365 < 5 * days then 4 when others * 365 < 7 * days then 5
    when others * 365 < 10 * days then 6 when others * 365 < 15 * days then 7 when others * 365 < 22 * days then 8
    when others * 365 < 33 * days then 9 when others * 365 < 50 * days then 10 else 11
end;

create or replace temp macro way_within(back_day, left_day, last_day) as case
    when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
    when left_day <= last_day then 3 * left_day + 2
    else 3 * last_day
end;

create or replace temp macro days_up(seconds) as if(seconds = 0, 1, (seconds + 86399) // 86400);

create or replace temp macro quiet_days(before_seconds, history_seconds) as least(getvariable('horizon'), greatest(
    coalesce((before_seconds - 1) // 86400, history_seconds // 86400, getvariable('horizon')), 0));

create or replace temp macro case_days(days, cases) as
    greatest(days - getvariable('window_seconds') // 86400 * cases, getvariable('horizon'));

create or replace temp table hand_windows_any as
select customer_key, channel, quiet_days(previous_any_seconds, history_seconds) as opens_days,
    way_within(days_up(next_any_seconds), days_up(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))) as way,
    contacts - 1 as others, days, pace_of(contacts - 1, days) as pace
from stitched_contacts
join hand_paces_any using (customer_key)
where judged;

create or replace temp table hand_windows_reason as
select customer_key, channel, reason, quiet_days(previous_reason_seconds, history_seconds) as opens_days,
    way_within(days_up(next_reason_seconds), days_up(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))) as way,
    contacts - 1 as others, greatest(cases - 1, 0) as other_cases, days, pace_of(contacts - 1, days) as pace,
    pace_of(greatest(cases - 1, 0), case_days(days, cases)) as case_pace
from stitched_contacts
join hand_paces_reason using (customer_key, reason)
where judged;

create or replace temp table hand_window_counts as
select 'any' as rule, channel, null as reason, opens_days, way, pace, null as case_pace, count(*) as contacts
from hand_windows_any
group by all
union all
select 'reason', channel, reason, opens_days, way, pace, case_pace, count(*)
from hand_windows_reason
group by all;

create or replace temp table hand_window_paces as
select 'any' as rule, others, null as other_cases, days, opens_days, count(*) as contacts from hand_windows_any group by all
union all
select 'reason', others, other_cases, days, opens_days, count(*) from hand_windows_reason group by all;

create or replace temp table hand_window_customers as
select 'any' as rule, '' as cell, opens_days, count(*) as customers
from (select customer_key, max(opens_days) as opens_days from hand_windows_any group by all) group by all
union all
select 'any', channel::varchar, opens_days, count(*)
from (select customer_key, channel, max(opens_days) as opens_days from hand_windows_any group by all) group by all
union all
select 'reason', '', opens_days, count(*)
from (select customer_key, max(opens_days) as opens_days from hand_windows_reason group by all) group by all
union all
select 'reason', channel::varchar, opens_days, count(*)
from (select customer_key, channel, max(opens_days) as opens_days from hand_windows_reason group by all) group by all
union all
select 'reason', reason::varchar, opens_days, count(*)
from (select customer_key, reason, max(opens_days) as opens_days from hand_windows_reason group by all) group by all;

create or replace temp table hand_window_drawn as
select rule, cell,
    (20000 * (select max(customer_key) from hand_windows_any) / greatest(sum(customers), 20000))::bigint as last_customer
from hand_window_customers
group by all;

create or replace temp table hand_window_pairs as
with most as (select max(last_customer) as last_customer from hand_window_drawn),
cells as (
    select 'any' as rule, 'all' as split, '' as cell, customer_key, opens_days, way, pace from hand_windows_any
    where customer_key <= (select last_customer from most)
    union all
    select 'any', 'channel', channel::varchar, customer_key, opens_days, way, pace from hand_windows_any
    where customer_key <= (select last_customer from most)
    union all
    select 'reason', 'all', '', customer_key, opens_days, way, pace from hand_windows_reason
    where customer_key <= (select last_customer from most)
    union all
    select 'reason', 'channel', channel::varchar, customer_key, opens_days, way, pace from hand_windows_reason
    where customer_key <= (select last_customer from most)
    union all
    select 'reason', 'end', '', customer_key, 0, way, case_pace from hand_windows_reason
    where customer_key <= (select last_customer from most)
    union all
    select 'reason', 'end', reason::varchar, customer_key, 0, way, case_pace from hand_windows_reason
    where customer_key <= (select last_customer from most)
),
counted as (
    select rule, split, cell, customer_key, opens_days, feature, count(*) as n
    from (
        select cells.* exclude (way, pace), unnest([way, 100 + pace]) as feature
        from cells
        join hand_window_drawn using (rule, cell)
        where customer_key <= last_customer
    )
    group by all
)
select a.rule, a.split, a.cell, least(a.opens_days, b.opens_days) as opens_days, a.feature, b.feature as feature_2,
    sum(a.n * b.n) as contacts
from counted a
join counted b using (rule, split, cell, customer_key)
group by all;
