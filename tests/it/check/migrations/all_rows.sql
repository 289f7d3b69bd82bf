update users set country = 'unknown';
update users set country = 'unknown' where id < 1000;
