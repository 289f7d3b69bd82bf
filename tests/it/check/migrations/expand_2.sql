create index concurrently users_by_email on users (email);
-- Nobody reads it since 2.3, and 2.2 cannot come back.
-- waive migration-drops "unused since 2.3"
drop table legacy_users;

-- What a statement is tried with.
delete from orders where false;
