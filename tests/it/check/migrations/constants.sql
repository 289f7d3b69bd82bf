update orders set x = 1 where true;
update orders set x = 1 where (1 = 1) and not false;
delete from orders where 1 between 0 and 2;
delete from orders where true is not null;
update orders set x = 1 where id < 1000 and true;
delete from orders using old where old.id = orders.id;
merge into orders o using n on o.id = n.id when matched then update set x = n.x;
merge into orders o using n on o.id = n.id when matched and n.gone then delete when not matched then insert (id) values (n.id);
merge into orders o using n on o.id = n.id when not matched then insert (id) values (n.id);
