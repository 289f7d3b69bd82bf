with gone as (delete from sessions returning user_id)
insert into archive select user_id from gone;

with small as (select id from users where id < 1000)
update users set country = 'unknown';

insert into archive with gone as (delete from tokens returning user_id) select user_id from gone;

with all_of_them as (update plans set price = 0 returning id), old as (delete from prices where id < 5)
select count(*) from all_of_them;

with small as (select id from users where id < 1000)
delete from users using small where users.id = small.id;

with small as (select id from users where id < 1000)
select count(*) from small;

explain analyze delete from orders;

explain delete from orders;
