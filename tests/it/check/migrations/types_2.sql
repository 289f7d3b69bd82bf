alter table orders alter column note type varchar(200);
alter table orders alter column note type text;
alter table orders alter column price type numeric(12, 2);
alter table orders alter column id type bigint;
alter table orders alter column total set data type integer;
alter table orders alter column price type numeric(9, 2);
alter table orders alter column note type varchar(20);
alter table orders alter column placed type timestamptz using placed at time zone 'UTC';
alter table users alter column email type varchar(100);
