-- Adds the note of an order.
alter table orders add column note text;
update orders set note = 'none; really' where note is null;
