//! Who may do what: statements that take rights from the roles by which versions that still run log in.

use sqlparser::ast::{AlterRoleOperation, GrantObjects, Revoke};
use sqlparser::keywords::Keyword as K;

use crate::diag::factory::migration as say;

use super::judge::{Judge, name_of};

impl Judge<'_> {
    /// What is said of a role, by its words: `alter role app nologin`. Whether that was all.
    pub(super) fn of_roles(&mut self, words: &[K]) -> bool {
        let opens = self.opens();
        let has = |all: &[K]| all.iter().any(|word| words.contains(word));
        let (message, label) = match words {
            [K::ALTER, K::ROLE | K::USER | K::GROUP, ..] if has(&[K::NOLOGIN]) => (
                "a role can log in no more",
                "a version that still runs, or that a rollback brings back, may log in by it",
            ),
            [K::ALTER, K::ROLE | K::USER, ..] if has(&[K::PASSWORD]) => (
                "a role gets another password",
                "a version that still runs, or that a rollback brings back, knows the old one",
            ),
            [K::ALTER, K::ROLE | K::USER, ..]
                if has(&[
                    K::VALID,
                    K::CONNECTION,
                    K::NOSUPERUSER,
                    K::NOBYPASSRLS,
                    K::NOCREATEDB,
                    K::NOCREATEROLE,
                    K::NOINHERIT,
                    K::NOREPLICATION,
                ]) =>
            {
                (
                    "a role may do less than before",
                    "a version that still runs, or that a rollback brings back, may log in by it",
                )
            }
            [K::DROP, K::OWNED, ..] => (
                "everything that a role owns or may do is dropped",
                "a version that still runs, or that a rollback brings back, may use it",
            ),
            [..] => return false,
        };
        self.found.push(say::takes_rights(opens, message, label));
        true
    }

    /// `revoke`, but for tables that nobody uses yet.
    pub(super) fn revoke(&mut self, revoke: &Revoke) {
        let tables = match &revoke.objects {
            Some(GrantObjects::Tables(tables)) => tables.as_slice(),
            Some(_) | None => &[],
        };
        let are_new = tables.iter().all(|name| self.known.is_new(&name_of(name)));
        if tables.is_empty() || !are_new {
            self.revoked();
        }
    }

    /// Rights are taken away.
    pub(super) fn revoked(&mut self) {
        let opens = self.opens();
        let label = "a version that still runs, or that a rollback brings back, may need them";
        self.found
            .push(say::takes_rights(opens, "rights are taken away", label));
    }

    /// `alter role a rename to b`
    pub(super) fn altered_role(&mut self, operation: &AlterRoleOperation) {
        if let AlterRoleOperation::RenameRole { role_name } = operation {
            let at = self.at(role_name);
            self.found.push(say::renames_role(at, &role_name.value));
        }
    }
}
