-- waive migration-drops
drop table sessions;
-- waive migration-drop "reviewed"
drop table tokens;
-- waive unguarded-exposure "reviewed"
drop table carts;
-- waive migration-locks "reviewed"
drop table baskets;
-- waive
drop table lists;
-- waiver: this is only a comment
-- waive migration-drops "nobody reads it since 2.3"
drop table old_lists;
