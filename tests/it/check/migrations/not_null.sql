alter table users add column country text not null;
alter table users add column plan text not null default 'free', add column seen timestamptz;
alter table users alter column email set not null;

alter table users add constraint name_set check (name is not null) not valid;
alter table users validate constraint name_set;
alter table users alter column name set not null;
