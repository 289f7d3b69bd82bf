//! One tree of a file and of what it uses: names of libraries resolved, and what they stand for put beside the declarations of
//! the file, under the name by which the file knows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::rename::{Wanted, uses_of_item};
use crate::ast::{self, FileKind, Item, Metric, Name, Statement};
use crate::diag::Diagnostics;
use crate::diag::factory::library as say;
use crate::source::Span;

use super::files::{Files, Read};

/// How the tree of a file differs from what is written in it. The file is taken apart for its tree when no other one looks into it any more.
pub(super) struct Merged {
    /// What is taken of other files, and comes first.
    taken: Vec<Item>,
    /// What stands in the place of an item of the file; nothing where there is none.
    changed: BTreeMap<usize, Option<Item>>,
    /// Names that resolve to nothing, which was reported.
    lost: Vec<String>,
    /// What is wrong with the names of libraries.
    pub(super) found: Diagnostics,
}

impl Merged {
    /// The tree, and what is wrong with the calls in it.
    pub(super) fn tree(mut self, file: ast::File) -> (ast::File, Diagnostics) {
        let own = file.items.into_iter().enumerate();
        let own = own.filter_map(|(index, item)| self.changed.remove(&index).unwrap_or(Some(item)));
        let mut items = self.taken;
        items.extend(own);
        let mut ast = ast::File {
            items,
            lost: self.lost,
            ..file
        };
        let found = super::tasks::expand(&mut ast);
        (ast, found)
    }
}

/// A declaration: the file and its place among the items there.
pub(super) type Place = (usize, usize);

/// The state of one merge.
pub(super) struct Merge<'f> {
    pub(super) files: &'f Files<'f>,
    pub(super) root: usize,
    /// How each file is reached from the root: `hours`, or `team.hours` by way of a library. The shortest way counts.
    ways: BTreeMap<usize, String>,
    /// What is taken of other files.
    taken: BTreeMap<Place, Item>,
    /// What is wanted of other files, and was not looked at yet.
    wanted: Vec<Place>,
    /// Names that resolve to nothing, which was reported.
    lost: BTreeSet<String>,
    pub(super) found: Diagnostics,
}

/// Finds what the tree of one file is made of.
pub(super) fn merge<'f>(files: &'f Files<'_>, root: usize, file: &'f Read) -> Merged {
    let mut merge = Merge {
        files,
        root,
        ways: ways(files, root),
        taken: BTreeMap::new(),
        wanted: Vec::new(),
        lost: file.ast.lost.iter().cloned().collect(),
        found: Diagnostics::new(),
    };
    merge.names_of_libraries(file);
    let changed = merge.own_items(file);
    merge.take_what_is_wanted();
    Merged {
        taken: merge.in_order(),
        changed,
        lost: merge.lost.into_iter().collect(),
        found: merge.found,
    }
}

/// How every file is reached from one of them.
fn ways(files: &Files<'_>, root: usize) -> BTreeMap<usize, String> {
    let mut ways = BTreeMap::new();
    let mut next = vec![(root, String::new())];
    while !next.is_empty() {
        let mut further = Vec::new();
        for (index, way) in next {
            for (name, used) in files.all.get(index).iter().flat_map(|file| &file.uses) {
                let Some(used) = used.filter(|used| *used != root && !ways.contains_key(used))
                else {
                    continue;
                };
                let way = if way.is_empty() {
                    name.clone()
                } else {
                    format!("{way}.{name}")
                };
                ways.insert(used, way.clone());
                further.push((used, way));
            }
        }
        next = further;
    }
    ways
}

impl Merge<'_> {
    /// Judges the `use` lines of the file and every name with a library in front.
    fn names_of_libraries(&mut self, file: &Read) {
        let used = file.ast.qualified.iter().chain(&file.ast.tried);
        let used: BTreeSet<&str> = used
            .filter_map(|one| one.text.split_once('.'))
            .map(|(library, _)| library)
            .collect();
        let mut own = BTreeMap::new();
        for (name, what) in file.ast.items.iter().filter_map(value_name) {
            own.entry(name.text.as_str()).or_insert((name.span, what));
        }
        for item in &file.ast.items {
            let Item::Use(line) = item else {
                continue;
            };
            let name = &line.name.text;
            let is_used = used.contains(name.as_str());
            let is_lost = file.ast.lost.binary_search(name).is_ok();
            let is_there = file.uses.get(name).is_some_and(Option::is_some);
            if !is_used && !is_lost && is_there {
                self.found.push(say::unused_library(line.span, name));
            }
            if let Some(same) = own.get(name.as_str()).copied() {
                self.found
                    .push(say::library_name_taken(line.name.span, name, same));
            }
        }
        let made = making(&file.ast);
        for name in &file.ast.qualified {
            self.qualified(file, name, &made);
        }
        for name in &file.ast.tried {
            if !self.is_step(file, name) {
                self.qualified(file, name, &made);
            }
        }
    }

    /// Whether a name with a library in front is that of a step of a task there.
    fn is_step(&self, file: &Read, name: &Name) -> bool {
        let Some((library, rest)) = name.text.split_once('.') else {
            return false;
        };
        let there = file.uses.get(library).and_then(|used| *used);
        let there = there.and_then(|used| self.files.all.get(used));
        let items = there.into_iter().flat_map(|there| &there.ast.items);
        items
            .filter_map(|item| {
                if let Item::Task(task) = item {
                    Some(task)
                } else {
                    None
                }
            })
            .flat_map(|task| Statement::all(&task.statements))
            .any(|one| {
                if let Statement::Step(step) = one {
                    step.name.text == rest
                } else {
                    false
                }
            })
    }

    /// A name with a library in front, in the file itself.
    fn qualified(&mut self, file: &Read, name: &Name, made: &BTreeSet<Span>) {
        let Some((library, rest)) = name.text.split_once('.') else {
            return;
        };
        let Some(Some(used)) = file.uses.get(library).copied() else {
            self.lost.insert(name.text.clone());
            return;
        };
        let Some(there) = self.files.all.get(used) else {
            return;
        };
        let places: Vec<usize> = declared(&there.ast, rest).collect();
        if places.is_empty() {
            self.lost.insert(name.text.clone());
            // A declaration that could not be read was reported in its file.
            if !there.readable || there.ast.lost.iter().any(|lost| lost == rest) {
                return;
            }
            let known: Vec<&str> = there.ast.items.iter().filter_map(known_as).collect();
            let title = there.ast.title.as_ref().map(|title| title.span);
            self.found.push(say::not_in_the_library(
                (rest, name.span),
                (library, title),
                &known,
            ));
            return;
        }
        if made.contains(&name.span) {
            return;
        }
        let mut is_something = false;
        for place in &places {
            if there.ast.items.get(*place).is_some_and(stands_for_itself) {
                self.wanted.push((used, *place));
                is_something = true;
            }
        }
        if !is_something {
            self.lost.insert(name.text.clone());
            let first = places.first().and_then(|place| there.ast.items.get(*place));
            self.found.push(match first {
                Some(Item::Metric(metric)) => {
                    say::template_used_as_metric((&name.text, name.span), metric.name.span)
                }
                Some(other) => say::another_kind(
                    (&name.text, name.span),
                    "something with a value",
                    described(other),
                ),
                None => return,
            });
        }
    }

    /// What stands in the place of items of the file itself: metrics with what they take from templates, and adopted guards.
    fn own_items(&mut self, file: &Read) -> BTreeMap<usize, Option<Item>> {
        let metrics = self.own_metrics(file);
        let made: Vec<super::templates::Made> =
            metrics.values().map(|(_, made)| made.clone()).collect();
        let mut changed: BTreeMap<usize, Option<Item>> = metrics
            .into_iter()
            .map(|(index, (metric, _))| (index, Some(Item::Metric(metric))))
            .collect();
        for (index, item) in file.ast.items.iter().enumerate() {
            if let Item::Adopt(adopt) = item {
                let guard = self.adopted(file, adopt, &made);
                if guard.is_none() {
                    self.lost.insert(adopt.name.text.clone());
                }
                changed.insert(index, guard.map(Item::Guard));
            }
        }
        changed
    }

    fn own_metrics(&mut self, file: &Read) -> BTreeMap<usize, (Metric, super::templates::Made)> {
        let mut all = BTreeMap::new();
        for (index, item) in file.ast.items.iter().enumerate() {
            if let Item::Metric(metric) = item {
                let (filled, from) = self.filled((self.root, index), metric);
                let made = super::templates::Made {
                    name: metric.name.clone(),
                    from,
                };
                all.insert(index, (filled, made));
            }
        }
        // A template speaks of other templates where it says what shows that a source is alive, or how many a value must stand on.
        let made: Vec<super::templates::Made> =
            all.values().map(|(_, made)| made.clone()).collect();
        for (metric, own) in all.values_mut() {
            self.speak_of_metrics(metric, own, &made);
        }
        all
    }

    /// Takes over what is wanted of other files, and what that wants in turn.
    fn take_what_is_wanted(&mut self) {
        while let Some(place) = self.wanted.pop() {
            if self.taken.contains_key(&place) {
                continue;
            }
            let (index, at) = place;
            let item = self
                .files
                .all
                .get(index)
                .and_then(|file| file.ast.items.get(at));
            let Some(mut item) = item.cloned() else {
                continue;
            };
            if let Item::Metric(metric) = &mut item {
                let (filled, _) = self.filled(place, metric);
                *metric = filled;
            } else {
                self.name_for_the_root(index, &mut item);
            }
            if let Some(name) = name_of(&mut item) {
                name.text = self.known_here(index, &name.text);
            }
            self.taken.insert(place, item);
        }
    }

    /// Gives the names that an item of another file uses the form in which the root knows them.
    fn name_for_the_root(&mut self, index: usize, item: &mut Item) {
        uses_of_item(item, &mut |wanted, name, _| {
            self.rename(index, wanted, name)
        });
    }

    /// What a name that stands in one file is in the root. Declarations that it stands for are wanted from now on.
    pub(super) fn rename(&mut self, index: usize, wanted: Wanted, name: &mut String) {
        let Some((file, places)) = self.resolve(index, name) else {
            return;
        };
        if file == self.root && index == self.root {
            return;
        }
        let items = self.files.all.get(file).map(|file| &file.ast.items);
        let fits: Vec<usize> = places
            .into_iter()
            .filter(|place| {
                let item = items.and_then(|items| items.get(*place));
                item.is_some_and(|item| is_wanted(item, wanted) && stands_for_itself(item))
            })
            .collect();
        if fits.is_empty() {
            return;
        }
        self.wanted
            .extend(fits.into_iter().map(|place| (file, place)));
        let last = name.rsplit('.').next().unwrap_or_default().to_owned();
        *name = self.known_here(file, &last);
    }

    /// The file that declares a name used in another one, and the places of the declarations there.
    pub(super) fn resolve(&self, index: usize, name: &str) -> Option<(usize, Vec<usize>)> {
        let file = self.files.all.get(index)?;
        let (there, rest) = match name.split_once('.') {
            None => (index, name),
            Some((library, rest)) => ((*file.uses.get(library)?)?, rest),
        };
        let places: Vec<usize> = declared(&self.files.all.get(there)?.ast, rest).collect();
        (!places.is_empty()).then_some((there, places))
    }

    /// A name of a file in the form in which the root knows it.
    fn known_here(&self, index: usize, name: &str) -> String {
        match self.ways.get(&index) {
            Some(way) => format!("{way}.{name}"),
            None => name.to_owned(),
        }
    }

    /// What was taken: what a library uses before the library itself, each in the order of its file.
    fn in_order(&mut self) -> Vec<Item> {
        let mut ranks = Vec::new();
        depth_first(self.files, self.root, &mut ranks);
        let rank = |file: usize| ranks.iter().position(|one| *one == file);
        let mut taken: Vec<(Place, Item)> = std::mem::take(&mut self.taken).into_iter().collect();
        taken.sort_by_key(|((file, at), _)| (rank(*file), *at));
        taken.into_iter().map(|(_, item)| item).collect()
    }
}

fn depth_first(files: &Files<'_>, index: usize, ranks: &mut Vec<usize>) {
    for used in files
        .all
        .get(index)
        .iter()
        .flat_map(|file| file.uses.values())
    {
        if let Some(used) = used
            && !ranks.contains(used)
        {
            depth_first(files, *used, ranks);
        }
    }
    if !ranks.contains(&index) {
        ranks.push(index);
    }
}

/// The places of the declarations of one name.
fn declared<'a>(ast: &'a ast::File, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let items = ast.items.iter().enumerate();
    items
        .filter(move |(_, item)| known_as(item) == Some(name))
        .map(|(index, _)| index)
}

/// Where the names of templates and guards stand from which something is made.
fn making(ast: &ast::File) -> BTreeSet<Span> {
    let mut made = BTreeSet::new();
    for item in &ast.items {
        if let Item::Metric(metric) = item {
            made.extend(metric.template.as_ref().map(|name| name.span));
        } else if let Item::Adopt(adopt) = item {
            made.insert(adopt.from.span);
        }
    }
    made
}

/// Whether something of a library is taken over as it is: a template and a guard are only what others are made from.
fn stands_for_itself(item: &Item) -> bool {
    let is_template = matches!(item, Item::Metric(metric) if super::templates::is_template(metric));
    !is_template && !matches!(item, Item::Guard(_))
}

fn is_wanted(item: &Item, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Value => matches!(item, Item::Let(_) | Item::Metric(_)),
        Wanted::Provider => matches!(item, Item::Provider(_)),
        Wanted::Probe => matches!(item, Item::Probe(_)),
        Wanted::Channel => matches!(item, Item::Channel(_)),
        Wanted::Hosts => matches!(item, Item::Hosts(_)),
        Wanted::Task => matches!(item, Item::Task(_)),
    }
}

/// What can be known of a library, by its name.
pub(super) fn known_as(item: &Item) -> Option<&str> {
    match item {
        Item::Let(one) => Some(one.name.as_str()),
        Item::Provider(one) => Some(one.name.as_str()),
        Item::Channel(one) => Some(one.name.as_str()),
        Item::Metric(one) => Some(one.name.as_str()),
        Item::Probe(one) => Some(one.name.as_str()),
        Item::Guard(one) => Some(one.name.as_str()),
        Item::Window(one) => Some(one.name.as_str()),
        Item::Hosts(one) => Some(one.name.as_str()),
        Item::Task(one) => Some(one.name.as_str()),
        Item::Header(_)
        | Item::Use(_)
        | Item::Param(_)
        | Item::Secret(_)
        | Item::Exposure(_)
        | Item::Adopt(_)
        | Item::Defaults(_)
        | Item::Limits(_)
        | Item::Environment(_)
        | Item::Before(_)
        | Item::Rollout(_)
        | Item::Rollback(_)
        | Item::Aftermath(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => None,
    }
}

/// What a declaration of a library is, and where its name stands.
pub(super) fn described(item: &Item) -> (&'static str, Span) {
    match item {
        Item::Let(one) => ("a named value", one.name.span),
        Item::Provider(one) => ("a provider", one.name.span),
        Item::Channel(one) => ("a channel", one.name.span),
        Item::Metric(one) => ("a metric", one.name.span),
        Item::Probe(one) => ("a probe", one.name.span),
        Item::Guard(one) => ("a guard", one.name.span),
        Item::Window(one) => ("a window", one.name.span),
        Item::Hosts(one) => ("a group of hosts", one.name.span),
        Item::Task(one) => ("a task", one.name.span),
        Item::Header(_)
        | Item::Use(_)
        | Item::Param(_)
        | Item::Secret(_)
        | Item::Exposure(_)
        | Item::Adopt(_)
        | Item::Defaults(_)
        | Item::Limits(_)
        | Item::Environment(_)
        | Item::Before(_)
        | Item::Rollout(_)
        | Item::Rollback(_)
        | Item::Aftermath(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => ("no declaration", item.span()),
    }
}

/// The same, to be changed.
fn name_of(item: &mut Item) -> Option<&mut Name> {
    match item {
        Item::Let(one) => Some(&mut one.name),
        Item::Provider(one) => Some(&mut one.name),
        Item::Channel(one) => Some(&mut one.name),
        Item::Metric(one) => Some(&mut one.name),
        Item::Probe(one) => Some(&mut one.name),
        Item::Guard(one) => Some(&mut one.name),
        Item::Window(one) => Some(&mut one.name),
        Item::Hosts(one) => Some(&mut one.name),
        Item::Task(one) => Some(&mut one.name),
        Item::Header(_)
        | Item::Use(_)
        | Item::Param(_)
        | Item::Secret(_)
        | Item::Exposure(_)
        | Item::Adopt(_)
        | Item::Defaults(_)
        | Item::Limits(_)
        | Item::Environment(_)
        | Item::Before(_)
        | Item::Rollout(_)
        | Item::Rollback(_)
        | Item::Aftermath(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => None,
    }
}

/// The name of something that an expression can name, and what it is.
fn value_name(item: &Item) -> Option<(&Name, &'static str)> {
    match item {
        Item::Param(one) => Some((&one.name, "a parameter")),
        Item::Let(one) => Some((&one.name, "a named value")),
        Item::Secret(one) => Some((&one.name, "a secret")),
        Item::Exposure(one) => Some((&one.name, "an exposure")),
        Item::Metric(one) => Some((&one.name, "a metric")),
        Item::Header(_)
        | Item::Use(_)
        | Item::Provider(_)
        | Item::Channel(_)
        | Item::Hosts(_)
        | Item::Probe(_)
        | Item::Guard(_)
        | Item::Window(_)
        | Item::Task(_)
        | Item::Adopt(_)
        | Item::Defaults(_)
        | Item::Limits(_)
        | Item::Environment(_)
        | Item::Before(_)
        | Item::Rollout(_)
        | Item::Rollback(_)
        | Item::Aftermath(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => None,
    }
}

/// Whether a file is a library, in which templates may stand.
pub(super) fn is_library(file: &Read) -> bool {
    file.ast.kind == FileKind::Library
}
