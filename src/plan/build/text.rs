//! Templates and commands with all that is known before the run filled in.

use super::{Builder, digest};
use crate::check::{self, LiveWord};
use crate::plan::{Command, Piece, Sql, Template};

/// Who reads a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person: `5%`, `1h30m`.
    Person,
    /// A program: `5`, `5400`.
    Program,
}

impl Builder<'_> {
    pub(super) fn template(&mut self, template: &check::Template, reader: Reader) -> Template {
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in &template.0 {
            let piece = match piece {
                check::Piece::Text(text) => Piece::Text(text.clone()),
                check::Piece::Value(expr) => match check::eval(expr, &self.values, None) {
                    Ok(value) => Piece::Text(match reader {
                        Reader::Person => check::spoken(&value),
                        Reader::Program => value.plain(),
                    }),
                    Err(why) => {
                        self.no_value(expr, why);
                        continue;
                    }
                },
                check::Piece::Exposure(id) => Piece::Exposure(*id),
                check::Piece::Capture(id) => Piece::Capture(*id),
                check::Piece::Live(word) => match word {
                    LiveWord::Run => Piece::Run,
                    LiveWord::Stage => Piece::Stage,
                    LiveWord::Level => Piece::Level,
                    LiveWord::Reason => Piece::Reason,
                    LiveWord::By => Piece::By,
                    LiveWord::Started => Piece::Started,
                },
            };
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => pieces.push(piece),
            }
        }
        Template(pieces)
    }

    pub(super) fn command(&mut self, command: &check::Command) -> Command {
        match command {
            check::Command::Shell(text) => Command::Shell { text: text.clone() },
            check::Command::Exec(argv) => Command::Exec {
                argv: argv
                    .iter()
                    .map(|argument| self.template(argument, Reader::Program))
                    .collect(),
            },
            check::Command::Sql(sql) => Command::Sql {
                sql: Box::new(Sql {
                    provider: sql.provider,
                    file: sql.file.clone(),
                    sha256: digest(&sql.text),
                    text: sql.text.clone(),
                    alone: sql.alone.clone(),
                }),
            },
            check::Command::Http(request) => Command::Http {
                request: Box::new(self.request(request)),
            },
            check::Command::Block(parts) => Command::Block {
                parts: parts.iter().map(|part| self.command(part)).collect(),
            },
        }
    }
}
