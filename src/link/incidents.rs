//! The templates of incidents: each `incident from "…"` of the main file gets the text that it names.

use crate::ast::{Afterwards, Incident, Item, Text};
use crate::diag::factory::after as say;
use crate::source::SourceFile;
use crate::syntax;

use super::files::Files;
use super::{Loaded, Refusal};

/// The templates that are inside the program: their names and their texts.
pub const TEMPLATES: &[(&str, &str)] = &[(
    "postmortem",
    include_str!("../../runbooks/std/postmortem.md"),
)];

impl Files<'_> {
    /// Reads the templates that the main file names, and gives the files that they are.
    pub(super) fn read_templates(&mut self) -> Vec<SourceFile> {
        let Some(main) = self.all.first_mut() else {
            return Vec::new();
        };
        let mut items = std::mem::take(&mut main.ast.items);
        let mut read: Vec<(String, SourceFile, Text)> = Vec::new();
        for item in &mut items {
            let Item::Aftermath(block) = item else {
                continue;
            };
            for one in &mut block.items {
                if let Afterwards::Incident(incident) = one {
                    self.read_template(incident, &mut read);
                }
            }
        }
        if let Some(main) = self.all.first_mut() {
            main.ast.items = items;
        }
        read.into_iter().map(|(_, file, _)| file).collect()
    }

    /// Reads the template of one incident, if it was not read for another one before.
    fn read_template(
        &mut self,
        incident: &mut Incident,
        read: &mut Vec<(String, SourceFile, Text)>,
    ) {
        let span = incident.template.span;
        let Some(name) = incident.template.plain().map(str::to_owned) else {
            return;
        };
        let loaded = match self.template(&name) {
            Ok(loaded) => loaded,
            Err(refusal) => {
                self.found.push(match refusal {
                    Refusal::Missing { looked_for } => {
                        let known: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
                        say::template_missing(span, (&name, &looked_for), &known)
                    }
                    Refusal::Outside { how, root } => {
                        say::template_outside(span, (&name, &how), &root)
                    }
                    Refusal::Unreadable { why } => say::template_unreadable(span, &name, &why),
                });
                return;
            }
        };
        if let Some((_, _, body)) = read.iter().find(|(key, _, _)| *key == loaded.key) {
            incident.body = Some(body.clone());
            return;
        }
        let text = match String::from_utf8(loaded.bytes) {
            Ok(text) if !text.trim().is_empty() => text.replace("\r\n", "\n"),
            Ok(_) => {
                let said = say::template_unreadable(span, &name, "there is nothing in it");
                self.found.push(said);
                return;
            }
            Err(_) => {
                let said = say::template_unreadable(span, &name, "it is not UTF-8 text");
                self.found.push(said);
                return;
            }
        };
        let file = self.sources.add(SourceFile::new(loaded.name, text));
        let (body, found) = syntax::template(&file);
        self.found.extend(found);
        incident.body = Some(body.clone());
        read.push((loaded.key, file, body));
    }

    /// What a template is: inside the program by its name, or a file by its path.
    fn template(&self, name: &str) -> Result<Loaded, Refusal> {
        if let Some((name, text)) = TEMPLATES.iter().find(|(known, _)| *known == name) {
            return Ok(Loaded {
                key: format!("std/{name}"),
                name: format!("std/{name}.md"),
                bytes: text.as_bytes().to_vec(),
            });
        }
        if !name.contains(['/', '.']) {
            return Err(Refusal::Missing {
                looked_for: String::new(),
            });
        }
        self.load(0, name)
    }
}
