alter table users rename column name to full_name;
alter table users rename to people;
alter view active_users rename to active_people;
alter type mood rename value 'sad' to 'blue';
alter table users rename constraint users_pkey to people_pkey;
alter index users_by_email rename to people_by_email;
