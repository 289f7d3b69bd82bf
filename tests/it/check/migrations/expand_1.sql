set lock_timeout = '2s';
create table if not exists invoices (
    id    bigint generated always as identity primary key,
    total numeric(10, 2) not null
);
create index invoices_by_total on invoices (total);
alter table users add column email text;
comment on column users.email is 'where they are told; never shown';
