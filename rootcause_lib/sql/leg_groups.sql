-- Rows of `contacts` that belong to one contact: one row per row that has company, with its customer and the key
-- of the contact's first row. Three kinds, never mixed: messages of one exchange (a new contact begins
-- once the company has answered and the customer been silent for $message_gap_seconds), rows that
-- share a conversation, and legs of a transferred contact (same customer, same channel, begun within
-- $leg_gap_seconds after the earlier one ended, which shows a transfer). Overlapping rows are no legs.
-- Shared ids are nobody's: their rows are never merged by nearness.
-- Reads contacts and shared_customers.
with messages as (
    select
        contact_key,
        customer_key,
        channel,
        coalesce(conversation_id, '') as conversation,
        started_seconds,
        direction,
        max(case when direction = 'inbound' then started_seconds end) over (
            partition by customer_key, channel, coalesce(conversation_id, '')
            order by contact_key rows between unbounded preceding and 1 preceding
        ) as asked_seconds,
        max(case when direction = 'outbound' then started_seconds end) over (
            partition by customer_key, channel, coalesce(conversation_id, '')
            order by contact_key rows between unbounded preceding and 1 preceding
        ) as answered_seconds
    from contacts
    where row_is = 'message'
        and direction <> 'internal'
        and customer_key is not null
        and not customer_key in (select customer_key from shared_customers)
),
exchanges as (
    select
        contact_key,
        customer_key,
        channel,
        conversation,
        sum(
            case
                when asked_seconds is null and direction = 'inbound' then 1
                when direction = 'inbound'
                    and answered_seconds >= asked_seconds
                    and started_seconds - asked_seconds > $message_gap_seconds
                then 1
                else 0
            end
        ) over (
            partition by customer_key, channel, conversation
            order by contact_key rows between unbounded preceding and current row
        ) as exchange
    from messages
),
message_groups as (
    select
        contact_key,
        customer_key,
        min(contact_key) over (partition by customer_key, channel, conversation, exchange) as first_key,
        count(contact_key) over (partition by customer_key, channel, conversation, exchange) as size
    from exchanges
    where exchange > 0
),
conversations as (
    select conversation_id
    from contacts
    where row_is <> 'message' and conversation_id is not null
    group by conversation_id
    having count(contact_key) > 1
),
conversation_rows as (
    select
        contact_key,
        customer_key,
        conversation_id,
        row_number() over (partition by conversation_id order by started_seconds, contact_id) as place
    from contacts
    where row_is <> 'message' and conversation_id in (select conversation_id from conversations)
),
conversation_groups as (
    select
        contact_key,
        customer_key,
        max(case when place = 1 then contact_key end) over (partition by conversation_id) as first_key
    from conversation_rows
),
handed_over as (
    select customer_key
    from contacts
    where transfers > 0
        and customer_key is not null
        and direction = 'inbound'
        and row_is = 'interaction'
        and case_id is null
        and conversation_id is null
    group by customer_key
),
rows_in_turn as (
    select
        contact_key,
        customer_key,
        started_seconds,
        channel,
        alone,
        lag(contact_key) over (partition by customer_key order by contact_key) as earlier_key,
        lag(channel) over (partition by customer_key order by contact_key) as earlier_channel,
        lag(ended_seconds) over (partition by customer_key order by contact_key) as earlier_ended,
        lag(passed_on) over (partition by customer_key order by contact_key) as earlier_passed_on,
        lag(alone) over (partition by customer_key order by contact_key) as earlier_alone
    from (
        select
            contact_key,
            customer_key,
            started_seconds,
            ended_seconds,
            channel,
            transfers > 0 as passed_on,
            row_is <> 'interaction' or case_id is not null or conversation_id is not null as alone
        from contacts
        where customer_key in (select customer_key from handed_over)
            and direction = 'inbound'
            and not customer_key in (select customer_key from shared_customers)
    ) as inbound_rows
),
followed_legs as (
    select contact_key, customer_key, earlier_key
    from rows_in_turn
    where $leg_gap_seconds > 0
        and earlier_channel = channel
        and earlier_passed_on
        and started_seconds - earlier_ended between 0 and $leg_gap_seconds
        and not alone
        and not earlier_alone
),
leg_keys as (
    select contact_key, customer_key, max(continues) as continues
    from (
        select contact_key, customer_key, 1 as continues from followed_legs
        union all
        select earlier_key as contact_key, customer_key, 0 as continues from followed_legs
    ) as ends
    group by contact_key, customer_key
),
leg_groups as (
    select
        contact_key,
        customer_key,
        max(case when continues = 0 then contact_key end) over (
            order by contact_key rows between unbounded preceding and current row
        ) as first_key
    from leg_keys
)
select contact_key, customer_key, first_key from message_groups where size > 1
union all
select contact_key, customer_key, first_key from conversation_groups
union all
select contact_key, customer_key, first_key from leg_groups
