//! Variables that nobody sets where a text runs: what was probably meant, and why it is not there.

use crate::ast;
use crate::ast::{Item, SecretSource};
use crate::diag::factory::{after, check as say, given as of};
use crate::source::Span;

use super::super::Checker;
use super::super::names::{Sort, is_system};
use super::facts::{Facts, Hidden, Place, Unset, Variable};
use super::given::{At, OF_THE_CALLER, OURS, Role, home};
use super::{Text, VARIABLES};

/// Variables in small letters that systems set, and that no file declares.
const SMALL: [&str; 5] = [
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What a shell sets by itself.
const SHELL: [&str; 8] = [
    "IFS", "LINENO", "OLDPWD", "OPTARG", "OPTIND", "PPID", "PS4", "PWD",
];

impl Checker<'_> {
    /// Reports a variable that nobody sets.
    pub(super) fn unknown_variable(
        &mut self,
        (text, at): (&Text<'_>, At),
        facts: &Facts,
        variable: &Variable,
    ) -> Option<()> {
        let name = variable.name.as_str();
        let span = text.span(&variable.at);
        let written = text.text(&variable.at).unwrap_or_default();
        if name.starts_with(|ch: char| !ch.is_ascii_alphabetic() && ch != '_') {
            if variable.place == Place::Function
                || facts.unknown.arguments == Hidden::Yes
                || variable.unset == Unset::Foreseen
            {
                return None;
            }
            self.found.push(say::no_arguments(span, written));
            return Some(());
        }
        if variable.unset == Unset::Foreseen || facts.unknown.names == Hidden::Yes {
            return None;
        }
        if let Some(said) = self.exposure_without_value(name, span) {
            return Some(said);
        }
        if self.is_variable(name) || self.ast.lost.binary_search(&variable.name).is_ok() {
            return None;
        }
        let is_large = !name.contains(|ch: char| ch.is_ascii_lowercase());
        if is_large {
            let small = name.to_lowercase();
            if let Some(secret) = self.secret_from(name) {
                let said = say::secret_source_in_shell(span, name, &secret);
                self.found.push(said);
                return Some(());
            }
            if let Some(channel) = self.channel_from(name) {
                let said = say::channel_source_in_shell(span, name, &channel);
                self.found.push(said);
                return Some(());
            }
            if let Some(instead) = super::bash::variable(name) {
                self.found
                    .push(say::bash_in_sh(span, written, Some(instead)));
                return Some(());
            }
            if SHELL.contains(&name) {
                return None;
            }
            if let Some(said) = self.of_the_run((name, span, written), at) {
                return said;
            }
            if let Some(line) = self.kept_out(name) {
                self.found.push(after::not_let_through(span, name, line));
                return Some(());
            }
            if !self.is_variable(&small) {
                if self.around.role == Role::OnHosts && !is_system(&small) {
                    self.found.push(of::stays_here(span, name));
                    return Some(());
                }
                return None;
            }
            let mended = written.replace(name, &small);
            self.found
                .push(say::variable_in_capitals(span, name, (&small, &mended)));
            return Some(());
        }
        if self.names.get(Sort::Secret, name).is_some() {
            // Said already.
            return Some(());
        }
        if self.names.get(Sort::Metric, name).is_some() {
            self.found.push(say::metric_in_shell(span, name));
            return Some(());
        }
        let near = self.near_variable(name, facts, at);
        let near = near.as_deref();
        let mended = near.map(|near| (near, written.replacen(name, near, 1)));
        let then = match variable.unset {
            Unset::Fails | Unset::Foreseen => "so the script would stop here",
            Unset::Empty => "and the code goes on with nothing in its place",
        };
        self.found.push(say::unknown_variable(
            (span, then),
            name,
            mended
                .as_ref()
                .map(|(near, mended)| (*near, mended.as_str())),
        ));
        Some(())
    }

    /// Judges a name that only this program sets; nothing when it is none.
    #[expect(
        clippy::option_option,
        reason = "whether it is one of the run, and whether something is wrong with it"
    )]
    fn of_the_run(
        &mut self,
        (name, span, written): (&str, Span, &str),
        at: At,
    ) -> Option<Option<()>> {
        if !name.starts_with("RUNBOOK_") || name == OF_THE_CALLER {
            return None;
        }
        let role = self.around.role;
        if role.is_given(name, at) {
            return Some(None);
        }
        let given = OURS.into_iter().filter(|one| role.is_given(one, at));
        let given: Vec<&str> = given.collect();
        if OURS.contains(&name) {
            let twins = ["RUNBOOK_STAGE", "RUNBOOK_LEVEL"];
            let other = twins.into_iter().find(|one| given.contains(one));
            let other = other.filter(|_| twins.contains(&name));
            let here = match name {
                "RUNBOOK_HOST" => "on this machine",
                _other => role.words(at.place),
            };
            let words = (here, home(name));
            self.found
                .push(of::not_given_here(span, name, words, other));
            return Some(Some(()));
        }
        let small: Vec<String> = given.iter().map(|one| one.to_lowercase()).collect();
        let near = crate::diag::nearest(name, small.iter().map(String::as_str));
        let near = near.map(|near| {
            let near = near.to_uppercase();
            let mended = written.replacen(name, &near, 1);
            (near, mended)
        });
        let near = near
            .as_ref()
            .map(|(near, mended)| (near.as_str(), mended.as_str()));
        self.found.push(of::invented(span, name, near, &given));
        Some(Some(()))
    }

    /// An exposure that may not have been read when the command runs.
    fn exposure_without_value(&mut self, name: &str, span: Span) -> Option<()> {
        let role = self.around.role;
        let is_own = self.around.env.iter().any(|given| given == name);
        if is_own || role.knows_exposures() {
            return None;
        }
        self.names.get(Sort::Exposure, name)?;
        self.found
            .push(of::exposure_not_read(span, name, role.too_early()));
        Some(())
    }

    /// The variable that was probably meant.
    fn near_variable(&self, name: &str, facts: &Facts, at: At) -> Option<String> {
        if is_system(name) {
            return Some(name.to_uppercase());
        }
        let of_the_run = format!("RUNBOOK_{}", name.to_uppercase());
        if self.around.role.is_given(&of_the_run, at) {
            return Some(of_the_run);
        }
        let declared = VARIABLES
            .into_iter()
            .flat_map(|sort| self.names.of(sort))
            // A value of a library is no variable.
            .filter(|name| !name.contains('.'))
            .map(str::to_owned);
        let files = self.names.of(Sort::Secret).map(|one| format!("{one}_file"));
        let own = facts.assigned.iter().chain(&self.around.env).cloned();
        let all: Vec<String> = declared.chain(files).chain(own).collect();
        crate::diag::nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
    }

    /// Whether a command finds a variable of this name.
    fn is_variable(&self, name: &str) -> bool {
        self.is_given(name) || SMALL.contains(&name)
    }

    /// Whether the file gives commands a variable of this name.
    pub(super) fn is_given(&self, name: &str) -> bool {
        let declared = VARIABLES
            .into_iter()
            .any(|sort| self.names.get(sort, name).is_some());
        let file = name
            .strip_suffix("_file")
            .is_some_and(|secret| self.names.get(Sort::Secret, secret).is_some());
        declared || file || self.around.env.iter().any(|given| given == name)
    }

    /// The secret that is taken from a variable of the environment, which commands do not get.
    fn secret_from(&self, variable: &str) -> Option<String> {
        if self.around.env.iter().any(|given| given == variable) {
            return None;
        }
        self.ast.items.iter().find_map(|item| {
            if let Item::Secret(secret) = item
                && let SecretSource::Env(name) = &secret.source
                && name.text == variable
            {
                Some(secret.name.text.clone())
            } else {
                None
            }
        })
    }

    /// The channel whose hidden value is taken from a variable of the environment, which commands do not get.
    fn channel_from(&self, variable: &str) -> Option<String> {
        if self.around.env.iter().any(|given| given == variable) {
            return None;
        }
        let is_it = |hidden: &ast::Hidden| match hidden {
            ast::Hidden::Env(name) => name.text == variable,
            ast::Hidden::File(_) | ast::Hidden::Secret(_) => false,
        };
        self.ast.items.iter().find_map(|item| {
            let Item::Channel(channel) = item else {
                return None;
            };
            let named = match channel.way.as_ref()? {
                ast::ChannelWay::Log(_) | ast::ChannelWay::Command(_) => false,
                ast::ChannelWay::Webhook { address, bearer } => {
                    let address = match address {
                        ast::Address::Open(_) => false,
                        ast::Address::Hidden(hidden) => is_it(hidden),
                    };
                    address || bearer.as_ref().is_some_and(is_it)
                }
                ast::ChannelWay::Slack(hidden) => is_it(hidden),
                ast::ChannelWay::PagerDuty { key, .. } => is_it(key),
            };
            named.then(|| channel.name.text.clone())
        })
    }
}
