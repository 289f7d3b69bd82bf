alter table users add column email text;
comment on column users.email is 'where they are told;
drop table users;
