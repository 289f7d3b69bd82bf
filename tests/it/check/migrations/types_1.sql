create table orders (
    id integer primary key,
    total bigint,
    price numeric(10, 2),
    note varchar(40),
    placed timestamp
);
-- In the file that makes it nobody uses it yet.
alter table orders alter column total type numeric;
alter table orders alter column total type bigint;
