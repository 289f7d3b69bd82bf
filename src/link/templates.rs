//! Metrics made from templates, and guards that are adopted: what a library says is filled in where the file says nothing.

use crate::ast::rename::{Wanted, uses_of_guard, uses_of_metric};
use crate::ast::{Adopt, Guard, Item, Metric, Name};
use crate::diag::factory::{check, library as say};
use crate::source::Span;

use super::files::Read;
use super::merge::{Merge, Place, described};

/// A metric of a file and the templates that it is made from, the nearest first.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) name: Name,
    pub(super) from: Vec<Place>,
}

/// Whether a metric is only what others are made from. Whether a metric with a template has a source is known when the template
/// is; in a library it says so itself.
pub(super) fn is_template(metric: &Metric) -> bool {
    metric.source.is_none()
}

fn metric_of(item: &Item) -> Option<&Metric> {
    let Item::Metric(metric) = item else {
        return None;
    };
    Some(metric)
}

impl Merge<'_> {
    /// A metric with everything that its template says and it does not, and the templates that it is made from.
    pub(super) fn filled(&mut self, place: Place, metric: &Metric) -> (Metric, Vec<Place>) {
        let mut whole = metric.clone();
        let mut from: Vec<Place> = Vec::new();
        let mut file = place.0;
        if file != self.root {
            uses_of_metric(&mut whole, &mut |wanted, name, _| {
                self.rename(file, wanted, name);
            });
        }
        let mut at = place;
        while let Some(name) = whole.template.take() {
            let Some(found) = self.template(file, at, &name) else {
                // What is missing in this metric was reported with its template.
                whole.not_built.push(crate::ast::NotBuilt {
                    word: "from".to_owned(),
                    span: name.span,
                });
                break;
            };
            let template = self.metric_at(found);
            let Some(mut template) = template.cloned() else {
                break;
            };
            file = found.0;
            uses_of_metric(&mut template, &mut |wanted, name, _| {
                self.rename(file, wanted, name);
            });
            fill(&mut whole, template);
            from.push(found);
            at = found;
        }
        (whole, from)
    }

    fn metric_at(&self, (file, at): Place) -> Option<&Metric> {
        metric_of(self.files.all.get(file)?.ast.items.get(at)?)
    }

    /// The template that a name stands for; what is wrong with the name is said once, where the name stands in the root.
    fn template(&mut self, file: usize, user: Place, name: &Name) -> Option<Place> {
        let in_root = file == self.root;
        let is_local = !name.text.contains('.');
        let own_is_library = self
            .files
            .all
            .get(file)
            .is_some_and(super::merge::is_library);
        if is_local && !own_is_library {
            self.found
                .push(say::not_qualified((&name.text, name.span), "a metric"));
            return None;
        }
        let Some((there, places)) = self.resolve(file, &name.text) else {
            if is_local && in_root {
                let known: Vec<&str> = self.templates_of(file).collect();
                self.found
                    .push(check::unknown_template((&name.text, name.span), &known));
            }
            return None;
        };
        let mut metrics = places.iter().filter(|place| {
            self.metric_at((there, **place))
                .is_some_and(|_| there != user.0 || **place != user.1)
        });
        let Some(place) = metrics.next().copied() else {
            if in_root {
                let items = self.files.all.get(there).map(|file| &file.ast.items);
                let other = places.first().and_then(|place| items?.get(*place));
                let other = other.map_or(("the metric itself", name.span), described);
                let wanted = (name.text.as_str(), name.span);
                self.found
                    .push(say::another_kind(wanted, "a metric", other));
            }
            return None;
        };
        // One that stands above keeps templates from going round in a circle.
        if there == user.0 && place > user.1 {
            if in_root {
                self.found.push(check::used_before(name.span, &name.text));
            }
            return None;
        }
        Some((there, place))
    }

    fn templates_of(&self, file: usize) -> impl Iterator<Item = &str> {
        let items = self.files.all.get(file).map(|file| file.ast.items.iter());
        let metrics = items.into_iter().flatten().filter_map(metric_of);
        metrics.map(|metric| metric.name.as_str())
    }

    /// Where a metric took over words about other templates, it speaks of the metrics made from those.
    pub(super) fn speak_of_metrics(&mut self, metric: &mut Metric, own: &Made, made: &[Made]) {
        for place in &own.from {
            let mut missing: Option<(Name, Place)> = None;
            let merge = &*self;
            uses_of_metric(metric, &mut |wanted, name, span| {
                if wanted == Wanted::Value
                    && let Some(template) = merge.template_named(place.0, name)
                {
                    let mut made_of = made.iter().filter(|one| one.from.contains(&template));
                    match made_of.next() {
                        Some(one) => name.clone_from(&one.name.text),
                        None => {
                            let used = Name {
                                text: name.clone(),
                                span,
                            };
                            missing = missing.take().or(Some((used, template)));
                        }
                    }
                }
            });
            if let Some((name, _)) = missing {
                self.found
                    .push(say::no_metric_from(own.name.span, (&name.text, name.span)));
                metric.missing = None;
                metric.enough = None;
            }
        }
    }

    /// The template that a name in a file stands for.
    fn template_named(&self, file: usize, name: &str) -> Option<Place> {
        if file == self.root {
            return None;
        }
        let (there, places) = self.resolve(file, name)?;
        let mut found = places.into_iter().map(|place| (there, place));
        found.find(|place| self.metric_at(*place).is_some_and(is_template))
    }

    /// The guard that is made of one of a library.
    pub(super) fn adopted(&mut self, file: &Read, adopt: &Adopt, made: &[Made]) -> Option<Guard> {
        let from = &adopt.from;
        if !from.text.contains('.') {
            self.found
                .push(say::not_qualified((&from.text, from.span), "a guard"));
            return None;
        }
        let (there, places) = self.resolve(self.root, &from.text)?;
        let items = &self.files.all.get(there)?.ast.items;
        let guard = places.iter().find_map(|place| {
            let Item::Guard(guard) = items.get(*place)? else {
                return None;
            };
            Some(guard.clone())
        });
        let Some(mut guard) = guard else {
            let other = places.first().and_then(|place| items.get(*place));
            let other = other.map_or(("nothing", from.span), described);
            let wanted = (from.text.as_str(), from.span);
            self.found.push(say::another_kind(wanted, "a guard", other));
            return None;
        };
        self.watch_own_metrics(file, (adopt, there), &mut guard, made)?;
        guard.name = adopt.name.clone();
        guard.span = adopt.span;
        guard.docs = adopt.docs.clone().or(guard.docs);
        if adopt.hold.is_some() {
            guard.hold.clone_from(&adopt.hold);
        }
        if let Some((action, span)) = &adopt.action {
            guard.action = action.clone();
            guard.action_span = *span;
        }
        let over = |own: &mut Option<_>, said: &Option<_>| {
            if said.is_some() {
                own.clone_from(said);
            }
        };
        over(&mut guard.warmup, &adopt.warmup);
        over(&mut guard.coverage, &adopt.coverage);
        if adopt.on_blind.is_some() {
            guard.on_blind.clone_from(&adopt.on_blind);
        }
        if adopt.during.is_some() {
            guard.during.clone_from(&adopt.during);
        }
        Some(guard)
    }

    /// Puts the metrics of the file in the place of the templates that a guard speaks of.
    fn watch_own_metrics(
        &mut self,
        file: &Read,
        (adopt, there): (&Adopt, usize),
        guard: &mut Guard,
        made: &[Made],
    ) -> Option<()> {
        let mut spoken_of: Vec<(String, Span, Place)> = Vec::new();
        let merge = &*self;
        uses_of_guard(guard, &mut |wanted, name, span| {
            if wanted == Wanted::Value
                && let Some(template) = merge.template_named(there, name)
                && !spoken_of.iter().any(|(_, _, known)| *known == template)
            {
                spoken_of.push((name.clone(), span, template));
            }
        });
        let fits = |one: &Made| {
            let mut places = spoken_of.iter();
            places.any(|(_, _, template)| one.from.contains(template))
        };
        if let Some(of) = &adopt.of
            && !made.iter().any(|one| one.name.text == of.text && fits(one))
        {
            let known = made.iter().filter(|one| fits(one));
            let known: Vec<&str> = known.map(|one| one.name.as_str()).collect();
            let said =
                say::metric_of_another_template((&of.text, of.span), &adopt.from.text, &known);
            self.found.push(said);
            return None;
        }
        let mut chosen: Vec<(Place, String)> = Vec::new();
        for (name, span, template) in &spoken_of {
            let one = self.choose(file, (adopt, name, *span), (*template, made))?;
            chosen.push((*template, one));
        }
        uses_of_guard(guard, &mut |wanted, name, _| {
            let template = self.template_named(there, name);
            match chosen.iter().find(|(place, _)| Some(*place) == template) {
                Some((_, metric)) => name.clone_from(metric),
                None => self.rename(there, wanted, name),
            }
        });
        Some(())
    }

    fn choose(
        &mut self,
        file: &Read,
        (adopt, name, span): (&Adopt, &str, Span),
        (template, made): (Place, &[Made]),
    ) -> Option<String> {
        let all: Vec<&Made> = made
            .iter()
            .filter(|one| one.from.contains(&template))
            .collect();
        let said = adopt.of.as_ref();
        let said = said.and_then(|of| all.iter().find(|one| one.name.text == of.text));
        match (said, all.as_slice()) {
            (Some(one), _) | (None, [one]) => Some(one.name.text.clone()),
            (None, []) => {
                let library = adopt.from.text.split('.').next().unwrap_or_default();
                let template = format!("{library}.{name}");
                // A metric that could not be read may have been made from it.
                if file.ast.lost.is_empty() {
                    self.found
                        .push(say::no_metric_from(adopt.from.span, (&template, span)));
                }
                None
            }
            (None, [first, second, ..]) => {
                let library = adopt.from.text.split('.').next().unwrap_or_default();
                let form = format!("guard {} from {}", adopt.name.text, adopt.from.text);
                self.found.push(say::several_metrics_from(
                    adopt.from.span,
                    &format!("{library}.{name}"),
                    (
                        (first.name.as_str(), first.name.span),
                        (second.name.as_str(), second.name.span),
                    ),
                    &form,
                ));
                None
            }
        }
    }
}

/// Takes from a template what a metric does not say.
fn fill(metric: &mut Metric, template: Metric) {
    let Metric {
        name: _,
        ty,
        template,
        source,
        unit,
        every,
        timeout,
        window,
        lag,
        stale,
        missing,
        enough,
        baseline,
        warning,
        critical,
        headers,
        not_built,
        span: _,
        docs,
    } = template;
    metric.template = template;
    metric.ty = metric.ty.take().or(ty);
    metric.source = metric.source.take().or(source);
    metric.unit = metric.unit.or(unit);
    metric.every = metric.every.take().or(every);
    metric.timeout = metric.timeout.take().or(timeout);
    metric.window = metric.window.take().or(window);
    metric.lag = metric.lag.take().or(lag);
    metric.stale = metric.stale.take().or(stale);
    metric.missing = metric.missing.take().or(missing);
    metric.enough = metric.enough.take().or(enough);
    metric.baseline = metric.baseline.take().or(baseline);
    metric.warning = metric.warning.take().or(warning);
    metric.critical = metric.critical.take().or(critical);
    if metric.headers.is_empty() {
        metric.headers = headers;
    }
    metric.not_built.extend(not_built);
    metric.docs = metric.docs.take().or(docs);
}
