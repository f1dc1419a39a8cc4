-- How many different values each further attribute of customers has; one row. The attributes are empty here and are
-- filled in on the tree.
-- Reads customers.
with traits as (
    select
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3
    from customers
    where customer_key is not null
)
select count(distinct trait_1) as trait_1, count(distinct trait_2) as trait_2, count(distinct trait_3) as trait_3
from traits
