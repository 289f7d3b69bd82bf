//! Owns how the parts of a plan are called in front of people.

use crate::engine::Work;
use crate::plan::{
    CaptureId, ChannelId, Command, ExposureId, GuardId, LevelId, MetricId, Piece, Plan, ProbeId,
    StageId, StepId,
};

/// Looks up names; what is not in the plan is called `?`.
#[derive(Clone, Copy)]
pub struct Names<'a>(pub &'a Plan);

impl<'a> Names<'a> {
    /// A stage.
    #[must_use]
    pub fn stage(self, id: StageId) -> &'a str {
        self.0.stages.get(id.index()).map_or("?", |s| &s.name)
    }

    /// A stage with its title, where it has one of its own.
    #[must_use]
    pub fn stage_title(self, id: StageId) -> String {
        self.0
            .stages
            .get(id.index())
            .map_or_else(String::new, |s| titled(&s.name, &s.title))
    }

    /// A level.
    #[must_use]
    pub fn level(self, id: LevelId) -> &'a str {
        self.0.level(id).map_or("?", |level| &level.name)
    }

    /// A level with its title, where it has one of its own.
    #[must_use]
    pub fn level_title(self, id: LevelId) -> String {
        self.0
            .level(id)
            .map_or_else(String::new, |level| titled(&level.name, &level.title))
    }

    /// By which level a run was brought to its end, and whether anything showed that this was enough.
    #[must_use]
    pub fn brought_back(self, id: LevelId) -> String {
        let level = self.level(id);
        if self.0.recovered_of(id).is_some() {
            format!("by level {level} and recovered")
        } else {
            format!("by level {level}, without a look whether that was enough")
        }
    }

    /// A step.
    #[must_use]
    pub fn step(self, id: StepId) -> &'a str {
        self.0.steps.get(id.index()).map_or("?", |step| &step.name)
    }

    /// A guard.
    #[must_use]
    pub fn guard(self, id: GuardId) -> &'a str {
        self.0
            .guards
            .get(id.index())
            .map_or("?", |guard| &guard.name)
    }

    /// A metric.
    #[must_use]
    pub fn metric(self, id: MetricId) -> &'a str {
        self.0.metrics.get(id.index()).map_or("?", |m| &m.name)
    }

    /// A probe.
    #[must_use]
    pub fn probe(self, id: ProbeId) -> &'a str {
        self.0
            .probes
            .get(id.index())
            .map_or("?", |probe| &probe.name)
    }

    /// An exposure.
    #[must_use]
    pub fn exposure(self, id: ExposureId) -> &'a str {
        self.0.exposures.get(id.index()).map_or("?", |e| &e.name)
    }

    /// An exposure and a value of it.
    #[must_use]
    pub fn exposed(self, id: ExposureId, value: f64) -> String {
        format!("{} {}", self.exposure(id), self.0.shown(id, value))
    }

    /// What an attempt was for.
    #[must_use]
    pub fn attempt(self, work: Work) -> &'a str {
        match work {
            Work::Step { step, .. } | Work::Check { step } | Work::Unless { step } => {
                self.step(step)
            }
            Work::Set { exposure, .. } | Work::Read { exposure } => self.exposure(exposure),
            Work::Probe { probe } => self.probe(probe),
        }
    }

    /// A captured value.
    #[must_use]
    pub fn capture(self, id: CaptureId) -> &'a str {
        self.0.captures.get(id.index()).map_or("?", |c| &c.name)
    }

    /// A channel.
    #[must_use]
    pub fn channel(self, id: ChannelId) -> &'a str {
        self.0.channels.get(id.index()).map_or("?", |c| &c.name)
    }
}

fn titled(name: &str, title: &str) -> String {
    if title == name {
        name.to_owned()
    } else {
        format!("{name} \"{title}\"")
    }
}

/// A command as one line: its first line, with a sign when there are more.
#[must_use]
pub(super) fn command(command: &Command) -> String {
    match command {
        Command::Shell { text } => {
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            let first = lines.next().unwrap_or("").trim();
            let more = lines.count();
            if more > 0 {
                format!("$ {first} (and {more} more lines)")
            } else {
                format!("$ {first}")
            }
        }
        Command::Exec { argv } => {
            let words: Vec<String> = argv
                .iter()
                .map(|word| {
                    word.0
                        .iter()
                        .map(|piece| match piece {
                            Piece::Text(text) => text.clone(),
                            Piece::Run => "${run}".to_owned(),
                            Piece::Stage => "${stage}".to_owned(),
                            Piece::Level => "${level}".to_owned(),
                            Piece::Reason => "${reason}".to_owned(),
                            Piece::By => "${by}".to_owned(),
                            Piece::Started => "${started}".to_owned(),
                            Piece::Exposure(_) => "${exposure}".to_owned(),
                            Piece::Capture(_) => "${captured}".to_owned(),
                        })
                        .collect()
                })
                .collect();
            format!("exec {}", words.join(" "))
        }
        Command::Sql { sql } => format!("sql {}", sql.file),
        Command::Http { request } => format!(
            "http {} {}",
            request.method.word().to_lowercase(),
            request.url
        ),
        Command::Block { parts } => {
            let first = parts.first().map_or_else(String::new, self::command);
            match parts.len() {
                0 | 1 => first,
                2 => format!("{first}, and 1 more command"),
                all => format!("{first}, and {} more commands", all - 1),
            }
        }
    }
}
