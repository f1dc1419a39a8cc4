-- Questions and answers about contacts, with the sums that give a customer-robust share of answers: one row per metric,
-- scale, direction and cell, where `split` says what the cell is one of: `all`, a channel, or an outcome (of which the
-- customers are not counted). `named` are answers that name their contact, item_1 to item_6 answers to rated items.
-- Reads asked_contacts.
with counted as (
    select
        cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        channel,
        outcome,
        cast(count(metric) as double) as asked,
        cast(count(score) as double) as answers,
        cast(count(case when named then score end) as double) as named,
        cast(count(item_1) as double) as item_1,
        cast(count(item_2) as double) as item_2,
        cast(count(item_3) as double) as item_3,
        cast(count(item_4) as double) as item_4,
        cast(count(item_5) as double) as item_5,
        cast(count(item_6) as double) as item_6
    from asked_contacts
    group by cluster_key, metric, scale_low, scale_high, direction, channel, outcome
),
by_channel as (
    select
        cluster_key,
        metric,
        scale_low,
        scale_high,
        direction,
        'channel' as split,
        channel as cell,
        sum(asked) as asked,
        sum(answers) as answers,
        sum(named) as named,
        sum(item_1) as item_1,
        sum(item_2) as item_2,
        sum(item_3) as item_3,
        sum(item_4) as item_4,
        sum(item_5) as item_5,
        sum(item_6) as item_6
    from counted
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
        sum(named) as named,
        sum(item_1) as item_1,
        sum(item_2) as item_2,
        sum(item_3) as item_3,
        sum(item_4) as item_4,
        sum(item_5) as item_5,
        sum(item_6) as item_6
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
        sum(asked) as asked,
        sum(answers) as answers,
        sum(named) as named,
        sum(item_1) as item_1,
        sum(item_2) as item_2,
        sum(item_3) as item_3,
        sum(item_4) as item_4,
        sum(item_5) as item_5,
        sum(item_6) as item_6
    from counted
    group by metric, scale_low, scale_high, direction, outcome
),
every_cell as (
    select * from by_channel
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
    sum(named) as named,
    sum(item_1) as item_1,
    sum(item_2) as item_2,
    sum(item_3) as item_3,
    sum(item_4) as item_4,
    sum(item_5) as item_5,
    sum(item_6) as item_6
from every_cell
group by metric, scale_low, scale_high, direction, split, cell
