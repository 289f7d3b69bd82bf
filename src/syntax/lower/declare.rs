//! The top of a file: header lines and declarations.

use crate::ast::{
    File, FileKind, Header, HeaderKey, HeaderValue, Item, Let, Name, Param, Pattern, Provider,
    ProviderWay, RequestHeader, Secret, SecretSource, TypeRef,
};
use crate::diag::factory::{lines, separator, syntax as say};
use crate::source::{Span, offset};
use crate::value::Type;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

impl Lower<'_> {
    /// Anything at the top of a file.
    pub(super) fn item(&mut self, pair: Pair<'_>, tree: &mut File) {
        let rule = pair.as_rule();
        if rule == Rule::EOI {
            return;
        }
        if rule != Rule::stray {
            self.last_was_noise = false;
        }
        let item = match rule {
            Rule::runbook_line => {
                self.title(pair, tree);
                None
            }
            Rule::header => self.header(pair).map(Item::Header),
            Rule::use_line => self.use_line(pair).map(Item::Use),
            Rule::waive => {
                self.waive(pair);
                None
            }
            Rule::param => self.param(pair).map(Item::Param),
            Rule::let_line => self.let_line(pair).map(Item::Let),
            Rule::secret => self.secret(pair).map(Item::Secret),
            Rule::provider => self.provider(pair).map(Item::Provider),
            Rule::channel => self.channel(pair).map(Item::Channel),
            Rule::hosts => self.hosts(pair).map(Item::Hosts),
            Rule::exposure => self.exposure(pair).map(Item::Exposure),
            Rule::metric => self.metric(pair).map(Item::Metric),
            Rule::probe => self.probe(pair).map(Item::Probe),
            Rule::guard => self.guard_item(pair),
            Rule::defaults => Some(Item::Defaults(self.defaults(pair))),
            Rule::window => self.window(pair).map(Item::Window),
            Rule::limits => Some(Item::Limits(self.limits(pair))),
            Rule::environment => self.environment(pair).map(Item::Environment),
            Rule::before => self.before(pair).map(Item::Before),
            Rule::rollout => self.rollout(pair).map(Item::Rollout),
            Rule::rollback | Rule::forward => self.rollback(pair).map(Item::Rollback),
            Rule::task => self.task(pair).map(Item::Task),
            Rule::test => self.test(pair).map(Item::Test),
            Rule::after | Rule::if_stuck => self.aftermath(pair).map(Item::Aftermath),
            _stray => self.stray(pair, Place::Top).map(Item::NotBuilt),
        };
        let Some(item) = item else {
            return;
        };
        if let Some((word, span)) = unique(&item)
            && !self.once_in_file(word, span)
        {
            return;
        }
        if self.fits(&item, tree) {
            tree.items.push(item);
        }
    }

    /// Whether a line or block that a file has at most once is here for the first time.
    fn once_in_file(&mut self, word: &'static str, span: Span) -> bool {
        let mut seen = std::mem::take(&mut self.unique);
        let first = self.once(&mut seen, word, span);
        self.unique = seen;
        first
    }

    fn title(&mut self, pair: Pair<'_>, tree: &mut File) {
        let is_library = pair.as_str().starts_with("library");
        let kind = if is_library {
            FileKind::Library
        } else {
            FileKind::Runbook
        };
        let mut parts = self.parts(pair, kind.word(), Place::Top);
        self.take(&mut parts, Rule::title_word);
        self.no_separator(&mut parts);
        let title = self.needed_text(&mut parts, "a title in quotes");
        self.finish(&mut parts, &[]);
        match &tree.title {
            Some(first) => {
                let said = say::duplicate_clause(parts.span, first.span, tree.kind.word());
                self.diagnostics.push(said);
            }
            None => {
                tree.kind = kind;
                tree.title = title;
            }
        }
    }

    fn header(&mut self, pair: Pair<'_>) -> Option<Header> {
        let mut words = pair.clone().into_inner();
        let word = words.next()?;
        let key_span = self.span(&word);
        let key = HeaderKey::ALL
            .into_iter()
            .find(|key| key.word() == word.as_str())?;
        let mut parts = self.parts(pair, key.word(), Place::Top);
        self.take(&mut parts, Rule::header_word);
        self.no_separator(&mut parts);
        let value = match parts.peek() {
            Some(Rule::text) => HeaderValue::Text(self.maybe_text(&mut parts)?),
            Some(Rule::bare_word) => {
                let word = self.take(&mut parts, Rule::bare_word)?;
                if key == HeaderKey::Window && word.as_str().contains("..") {
                    let span = self.span(&word);
                    let rule = Span::new(span.start, parts.span.end);
                    let rule = self.file.slice(rule).lines().next().unwrap_or_default();
                    let said = lines::window_without_a_name(span, rule.trim_end());
                    self.diagnostics.push(said);
                    return None;
                }
                let is_name = key == HeaderKey::Window && word.as_str().contains('.');
                HeaderValue::Word(if is_name {
                    self.qualified_name(&word)
                } else {
                    Name {
                        text: word.as_str().to_owned(),
                        span: self.span(&word),
                    }
                })
            }
            Some(_) | None => {
                self.need(&mut parts, "a value");
                return None;
            }
        };
        self.finish(&mut parts, &[]);
        if !self.once_in_file(key.word(), parts.span) {
            return None;
        }
        Some(Header {
            key,
            key_span,
            value,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn param(&mut self, pair: Pair<'_>) -> Option<Param> {
        let mut parts = self.parts(pair, "param", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let ty = match self.untyped(&mut parts, &name) {
            Some(ty) => ty,
            None => self.type_of_param(&mut parts, name.span),
        };
        let mut default = None;
        if let Some(part) = self.take(&mut parts, Rule::default_part) {
            let span = self.span(&part);
            let mut own = self.parts(part, "=", Place::Top);
            let sign = Span::new(span.start, span.start + 1);
            own.last = sign;
            self.separator(&mut own, Rule::assign, "=");
            if own.peek().is_some() {
                default = self.needed_expr(&mut own, "a default");
                parts.last_is_expr = true;
                parts.broken |= own.broken;
            } else {
                // What stands there instead is left to the statement.
                parts.last = sign;
                self.need(&mut parts, "a default");
            }
        }
        let mut matching = None;
        if let Some(part) = self.take(&mut parts, Rule::matching_part) {
            match part.into_inner().next() {
                Some(pattern) => matching = Some(self.pattern(&pattern)),
                None => self.need(&mut parts, "a pattern between slashes"),
            }
        }
        self.finish(&mut parts, &["matching"]);
        Some(Param {
            name,
            ty,
            default,
            matching,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn type_of_param(&mut self, parts: &mut Parts<'_>, name: Span) -> TypeRef {
        self.separator(parts, Rule::colon, ":");
        match self.take(parts, Rule::type_ref) {
            Some(pair) => self.type_ref(pair),
            None => {
                self.need(parts, "a type");
                TypeRef {
                    ty: None,
                    span: name,
                }
            }
        }
    }

    pub(super) fn pattern(&self, pair: &Pair<'_>) -> Pattern {
        let written = pair.as_str();
        let inside = written
            .strip_prefix('/')
            .and_then(|text| text.strip_suffix('/'))
            .unwrap_or_default();
        Pattern {
            text: inside.replace("\\/", "/"),
            span: self.span(pair),
        }
    }

    /// A type; what is not built yet or unknown is reported and has no type.
    pub(super) fn type_ref(&mut self, pair: Pair<'_>) -> TypeRef {
        let span = self.span(&pair);
        let Some(written) = pair.into_inner().next() else {
            return TypeRef { ty: None, span };
        };
        let ty = match written.as_rule() {
            Rule::type_word => {
                let mut known = Type::WORDS.map(|(word, _)| word).to_vec();
                // Types of several words, which a single one never is.
                known.extend(["one of WORD | WORD", "list of TYPE"]);
                let index = self.choice(&written, "type", &known);
                index.and_then(|index| Type::WORDS.get(index).map(|(_, ty)| ty.clone()))
            }
            Rule::one_of => {
                let words: Vec<String> = written
                    .into_inner()
                    .map(|word| word.as_str().to_owned())
                    .collect();
                if words.is_empty() {
                    let wanted = say::Wanted {
                        what: "a list of words",
                        after: "one of",
                        form: Some("one of WORD | WORD"),
                    };
                    self.diagnostics.push(say::missing_part(span, &wanted));
                }
                (!words.is_empty()).then_some(Type::OneOf(words))
            }
            Rule::list_of => {
                let Some(item) = written.into_inner().next() else {
                    let wanted = say::Wanted {
                        what: "a type",
                        after: "list of",
                        form: Some("list of TYPE"),
                    };
                    self.diagnostics.push(say::missing_part(span, &wanted));
                    return TypeRef { ty: None, span };
                };
                match self.type_ref(item).ty {
                    Some(Type::List(_)) => {
                        let said = say::not_built_yet(span, "list of list of");
                        self.diagnostics.push(said);
                        None
                    }
                    item => item.map(|item| Type::List(Box::new(item))),
                }
            }
            _choice => {
                let said = say::values_of_an_exposure(span, written.as_str());
                self.diagnostics.push(said);
                None
            }
        };
        TypeRef { ty, span }
    }

    fn let_line(&mut self, pair: Pair<'_>) -> Option<Let> {
        let mut parts = self.parts(pair, "let", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        if self.typed(&mut parts, &name.text) {
            self.lost.insert(name.text);
            return None;
        }
        self.separator(&mut parts, Rule::assign, "=");
        let Some(value) = self.needed_expr(&mut parts, "a value") else {
            self.lost.insert(name.text);
            return None;
        };
        self.finish(&mut parts, &[]);
        Some(Let {
            name,
            value,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// `let NAME: TYPE = VALUE`, of which no part is read further.
    fn typed(&mut self, parts: &mut Parts<'_>, name: &str) -> bool {
        if parts.peek() != Some(Rule::assign) {
            return false;
        }
        let rest = self.file.slice(Span::new(parts.last.end, parts.span.end));
        let rest = rest.lines().next().unwrap_or_default();
        let Some((ty, value)) = rest
            .trim_start()
            .strip_prefix(':')
            .and_then(|rest| rest.split_once('='))
        else {
            return false;
        };
        let is_type = ty
            .trim()
            .chars()
            .all(|ch| ch.is_ascii_lowercase() || " |_".contains(ch));
        if ty.trim().is_empty() || !is_type || value.starts_with('=') {
            return false;
        }
        let written = rest.split('=').next().unwrap_or_default();
        let (lead, length) = (
            written.len() - written.trim_start().len(),
            written.trim_end().len(),
        );
        let start = parts.last.end;
        let at = Span::new(start + offset(lead), start + offset(length));
        let value = value.split('#').next().unwrap_or_default().trim();
        self.diagnostics
            .push(separator::let_with_a_type(at, (name, ty.trim()), value));
        true
    }

    fn secret(&mut self, pair: Pair<'_>) -> Option<Secret> {
        let mut parts = self.parts(pair, "secret", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let source = match self.take(&mut parts, Rule::secret_from) {
            Some(part) => self.secret_source(&mut parts, part),
            None => {
                self.need(&mut parts, "`from` with a source");
                None
            }
        };
        self.finish(&mut parts, &["from", "env", "file"]);
        let Some(source) = source else {
            self.lost.insert(name.text);
            return None;
        };
        Some(Secret {
            name,
            source,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn secret_source(&mut self, parts: &mut Parts<'_>, part: Pair<'_>) -> Option<SecretSource> {
        let Some(source) = part.into_inner().next() else {
            self.need(parts, "`env VARIABLE`, `file \"PATH\"` or `$ COMMAND`");
            return None;
        };
        parts.last = self.span(&source);
        match source.as_rule() {
            Rule::secret_env => match source.into_inner().next() {
                Some(variable) => Some(SecretSource::Env(Name {
                    text: variable.as_str().to_owned(),
                    span: self.span(&variable),
                })),
                None => {
                    self.need(parts, "the name of a variable");
                    None
                }
            },
            Rule::secret_file => match source.into_inner().next() {
                Some(path) => Some(SecretSource::File(self.text(&path))),
                None => {
                    self.need(parts, "a path in quotes");
                    None
                }
            },
            _command => self.command(source).map(SecretSource::Command),
        }
    }

    fn provider(&mut self, pair: Pair<'_>) -> Option<Provider> {
        let mut parts = self.parts(pair, "provider", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let mut headers = Vec::new();
        let way = self.provider_block(&mut parts, &mut headers);
        self.finish(&mut parts, &[]);
        Some(Provider {
            name,
            way,
            headers,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// What the block of a provider says that it is, and what it is asked with.
    fn provider_block(
        &mut self,
        parts: &mut Parts<'_>,
        headers: &mut Vec<RequestHeader>,
    ) -> Option<ProviderWay> {
        let Some(block) = self.take(parts, Rule::provider_block) else {
            self.need(parts, "a block");
            return None;
        };
        let mut seen = Seen::default();
        let mut found = None;
        let mut is_named = false;
        let block_span = self.span(&block);
        let before = self.diagnostics.len();
        for line in inside(block) {
            let rule = line.as_rule();
            match rule {
                Rule::stray => {
                    self.stray(line, Place::Provider);
                }
                Rule::header_line | Rule::bearer_line => {
                    headers.extend(self.request_header(line, Place::Provider, &mut seen));
                }
                _way => {
                    is_named = true;
                    let span = self.span(&line);
                    let way = self.provider_way(line);
                    if self.once(&mut seen, "what a provider is", span) {
                        found = way;
                    }
                }
            }
        }
        if !is_named && self.diagnostics.len() == before {
            let wanted = say::Wanted {
                what: "`prometheus \"…\"`",
                after: "{",
                form: parts.form,
            };
            self.diagnostics
                .push(say::missing_part(block_span, &wanted));
        }
        found
    }

    fn provider_way(&mut self, line: Pair<'_>) -> Option<ProviderWay> {
        let is_prometheus = line.as_rule() == Rule::prometheus;
        let word = if is_prometheus {
            "prometheus"
        } else {
            "postgres"
        };
        let mut own = self.parts(line, word, Place::Provider);
        self.no_separator(&mut own);
        let way = if is_prometheus {
            let text = self.needed_text(&mut own, "a string");
            text.map(ProviderWay::Prometheus)
        } else {
            self.hidden(&mut own).map(ProviderWay::Postgres)
        };
        self.finish(&mut own, &[]);
        way
    }
}

/// The word and place of a block of which a file has at most one.
fn unique(item: &Item) -> Option<(&'static str, Span)> {
    let head = |span: Span, word: &str| Span::new(span.start, span.start + offset(word.len()));
    match item {
        Item::Defaults(one) => Some(("defaults", one.word_span)),
        Item::Limits(one) => Some(("limits", one.word_span)),
        Item::Environment(one) => Some(("environment", one.word_span)),
        Item::Before(one) => Some(("before rollout", head(one.span, "before"))),
        Item::Rollout(one) => Some(("rollout", one.word_span)),
        Item::Rollback(one) => Some((one.way.word(), one.word_span)),
        Item::Aftermath(one) => Some((one.kind.words(), one.word_span)),
        Item::Header(_)
        | Item::Use(_)
        | Item::Adopt(_)
        | Item::Param(_)
        | Item::Let(_)
        | Item::Secret(_)
        | Item::Provider(_)
        | Item::Channel(_)
        | Item::Exposure(_)
        | Item::Hosts(_)
        | Item::Metric(_)
        | Item::Probe(_)
        | Item::Guard(_)
        | Item::Window(_)
        | Item::Task(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => None,
    }
}
