-- Questions and answers about contacts, with the sums that give a customer-robust share of answers: one row per metric,
-- scale, direction and cell, where `split` says what the cell is one of: `all`, a channel, or an outcome (of which the
-- customers are not counted). `named` are answers that name their contact.
-- Reads asked_contacts.
with counted as (
    select
        cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        channel,
        cast(count(metric) as double) as asked,
        cast(count(score) as double) as answers,
        cast(count(case when named then score end) as double) as named
    from asked_contacts
    group by cluster_key, metric, scale_low, scale_high, direction, channel
),
whole as (
    select
        cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        'all' as split,
        'all' as cell,
        sum(asked) as asked,
        sum(answers) as answers,
        sum(named) as named
    from counted
    group by cluster_key, metric, scale_low, scale_high, direction
),
by_outcome as (
    select
        cast(0 as bigint) as cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        'outcome' as split,
        outcome as cell,
        cast(count(metric) as double) as asked,
        cast(count(score) as double) as answers,
        cast(count(case when named then score end) as double) as named
    from asked_contacts
    group by metric, scale_low, scale_high, direction, outcome
),
every_cell as (
    select
        cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        'channel' as split,
        channel as cell,
        asked,
        answers,
        named
    from counted
    union all
    select * from whole
    union all
    select * from by_outcome
)
select
    metric,
    scale_low,
    scale_high,
    direction,
    split,
    cell,
    sum(answers) as value,
    sum(asked) as weight,
    cast(count(asked) as bigint) as clusters,
    sum(answers * answers) as value_value,
    sum(answers * asked) as value_weight,
    sum(asked * asked) as weight_weight,
    sum(named) as named
from every_cell
group by metric, scale_low, scale_high, direction, split, cell
