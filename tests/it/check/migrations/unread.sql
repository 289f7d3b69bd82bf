do $$ begin execute 'drop table users'; end $$;
alter table users frobnicate column name;
create function f() returns trigger language plpgsql as $$ begin delete from users; return new; end $$;
select ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))));
attach database 'other' as other;
\connect other
alter table users add column email text;
