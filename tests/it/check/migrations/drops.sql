-- What is made here is used by nobody yet.
create temporary table moved (id bigint);
drop table moved;

alter table users
    drop column nickname,
    DROP COLUMN IF EXISTS "Legal Name" cascade;
drop table if exists sessions, public.tokens;
drop view active_users;
drop function price(integer);
drop type mood;
drop extension hstore;
alter table users alter column country drop default;
truncate audit, audit_old;
delete from carts;
delete from carts where created < now() - interval '1 year';
