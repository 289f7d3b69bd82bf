//! Diagnostics for people: one box with all labels, then the advice.
//!
//! The only place that names miette and annotate-snippets. A diagnostic is handed over in miette's protocol,
//! and the handler here, ours, draws it: plain ASCII unless asked otherwise, no links, no colour by default,
//! and nothing about the terminal is guessed.

use std::borrow::Cow;
use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use miette::{
    Diagnostic as Protocol, LabeledSpan, MietteError, MietteSpanContents, ReportHandler,
    SourceCode, SourceSpan, SpanContents,
};

use crate::source::{SourceFile, Sources, Span};

use super::{Diagnostic, Diagnostics, Label, Severity};

/// Whether colour is used. It never carries meaning alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// No escape sequences at all.
    #[default]
    Plain,
    /// Colours by ANSI escape sequences.
    Ansi,
}

/// Which characters draw the box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Lines of `|`, `-` and `^`.
    #[default]
    Ascii,
    /// Line-drawing characters, for terminals.
    Unicode,
}

/// How diagnostics look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colour or none.
    pub colour: Colour,
    /// The characters of the box.
    pub drawing: Drawing,
    /// The width in columns; longer lines of source are cut around their labels.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            colour: Colour::Plain,
            drawing: Drawing::Ascii,
            width: 100,
        }
    }
}

/// Those diagnostics that are worth showing, with an empty line between two, and how many more there are.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, look: Look) -> String {
    let mut text = String::new();
    let mut shown = 0;
    for one in diagnostics.shown() {
        if shown > 0 {
            text.push('\n');
        }
        shown += 1;
        text.push_str(&render_one(one, sources, look));
    }
    let more = diagnostics.len() - shown;
    if more > 0 {
        text.push_str(&format!("\nand {more} more, not shown\n"));
    }
    text
}

/// One diagnostic, with a newline at its end.
pub fn render_one(diagnostic: &Diagnostic, sources: &Sources, look: Look) -> String {
    let shown = Shown::new(diagnostic, sources);
    struct Drawn<'a>(&'a Shown<'a>, Look);
    impl fmt::Display for Drawn<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.1.debug(self.0, f)
        }
    }
    Drawn(&shown, look).to_string()
}

/// A diagnostic in miette's protocol: the labels of one file; those of other files are its related ones.
#[derive(Debug)]
struct Shown<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<Window<'a>>,
    labels: Vec<(&'a Label, bool)>,
    others: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        let base = |label: &Label| sources.at(label.span.start).map(SourceFile::base);
        let main = diagnostic.primary.as_ref().and_then(base);
        let mut files: Vec<Option<u32>> = diagnostic.secondary.iter().map(base).collect();
        files.retain(|file| *file != main);
        // The order of the labels is the order in which they should be read.
        let mut seen = Vec::new();
        files.retain(|file| {
            let is_new = !seen.contains(file);
            seen.push(*file);
            is_new
        });
        let mut shown = Self::in_file(diagnostic, sources, main);
        shown.others = files
            .into_iter()
            .map(|file| Self::in_file(diagnostic, sources, file))
            .collect();
        shown
    }

    fn in_file(diagnostic: &'a Diagnostic, sources: &'a Sources, base: Option<u32>) -> Self {
        let primary = diagnostic.primary.iter().map(|label| (label, true));
        let secondary = diagnostic.secondary.iter().map(|label| (label, false));
        let source = base.and_then(|base| sources.at(base));
        Self {
            diagnostic,
            source: source.map(Window),
            labels: primary
                .chain(secondary)
                .filter(|(label, _)| sources.at(label.span.start).map(SourceFile::base) == base)
                .collect(),
            others: Vec::new(),
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Protocol for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.diagnostic.name))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let help = &self.diagnostic.help;
        (!help.is_empty()).then(|| Box::new(help.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.labels.iter().map(|(label, is_primary)| {
            let text = (!label.text.is_empty()).then(|| visible(&label.text).into_owned());
            let local = self.source.as_ref();
            let local = local.map_or(label.span, |window| window.0.local(label.span));
            let Span { start, end } = local;
            let span = (start as usize, end.saturating_sub(start) as usize);
            if *is_primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        });
        Some(Box::new(labels))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn Protocol> + 'b>> {
        let others = self.others.iter().map(|other| other as &dyn Protocol);
        Some(Box::new(others))
    }
}

/// A source file that hands out whole lines.
#[derive(Debug)]
struct Window<'a>(&'a SourceFile);

impl SourceCode for Window<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let file = self.0;
        let lines = file.lines();
        let wanted = Span::of(span.offset()..span.offset() + span.len());
        let first = lines.line_of(wanted.start);
        let last = lines.line_of(wanted.end);
        let start = lines.start_of(first);
        let end = if last + 1 < lines.count() {
            lines.start_of(last + 1)
        } else {
            crate::source::offset(file.text().len())
        };
        let text = file.text().get(start as usize..end as usize);
        let text = text.unwrap_or_default();
        if wanted.end > end {
            return Err(MietteError::OutOfBounds);
        }
        Ok(Box::new(MietteSpanContents::new_named(
            file.name().to_owned(),
            text.as_bytes(),
            (start as usize, text.len()).into(),
            first as usize,
            0,
            (last - first) as usize + 1,
        )))
    }
}

impl ReportHandler for Look {
    fn debug(&self, error: &dyn Protocol, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match error.severity() {
            Some(miette::Severity::Error) | None => Level::ERROR,
            Some(miette::Severity::Warning) => Level::WARNING,
            Some(miette::Severity::Advice) => Level::NOTE,
        };
        let name = error
            .code()
            .map(|code| code.to_string())
            .unwrap_or_default();
        let title = error.to_string();
        let title = level
            .primary_title(two_bytes_visible(&title))
            .id(name.clone());
        let mut group = Group::with_title(title);
        for part in std::iter::once(error).chain(error.related().into_iter().flatten()) {
            if let Some(labels) = part.labels()
                && let Some(snippet) = snippet(part, labels.collect())
            {
                group = group.element(snippet);
            }
        }
        let renderer = match self.colour {
            Colour::Plain => Renderer::plain(),
            Colour::Ansi => Renderer::styled(),
        };
        let decor = match self.drawing {
            Drawing::Ascii => DecorStyle::Ascii,
            Drawing::Unicode => DecorStyle::Unicode,
        };
        let renderer = renderer.term_width(self.width).decor_style(decor);
        for line in renderer.render(&[group]).lines() {
            writeln!(f, "{}", line.trim_end())?;
        }
        let help = error
            .help()
            .map(|help| help.to_string())
            .unwrap_or_default();
        for line in help.lines() {
            // A line that is set in goes on with the advice above it.
            if line.starts_with("  ") {
                writeln!(f, "    {}", visible(line))?;
            } else {
                self.advice(f, "help", line)?;
            }
        }
        self.advice(f, "for more", &format!("runbook explain {name}"))
    }
}

impl Look {
    fn advice(self, f: &mut fmt::Formatter<'_>, word: &str, text: &str) -> fmt::Result {
        let text = visible(text);
        match self.colour {
            Colour::Plain => writeln!(f, "{word}: {text}"),
            Colour::Ansi => {
                let bold = anstyle::Style::new().bold();
                writeln!(f, "{bold}{word}{bold:#}: {text}")
            }
        }
    }
}

/// Text that quotes a file, with what a terminal would obey made visible: the renderer does so with titles and sources only.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|ch| match u32::from(ch) {
        0x0a => '\n',
        0x7f => '\u{2421}',
        code if code < 0x20 => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        _printed if !ch.is_control() => ch,
        _other => UNSEEN,
    });
    Cow::Owned(shown.collect())
}

/// Stands for a control character of two bytes, and is as long, so that what comes behind it stays where it is.
const UNSEEN: char = '¿';

/// The same for the control characters that the renderer leaves as they are, of which some terminals take one as the beginning of a command.
fn two_bytes_visible(text: &str) -> Cow<'_, str> {
    let is_one = |ch: char| matches!(ch, '\u{80}'..='\u{9f}');
    if text.contains(is_one) {
        Cow::Owned(text.replace(is_one, UNSEEN.encode_utf8(&mut [0; 2])))
    } else {
        Cow::Borrowed(text)
    }
}

/// The lines that the labels of one file are in, and the labels.
fn snippet<'a>(
    part: &dyn Protocol,
    labels: Vec<LabeledSpan>,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let start = labels.iter().map(LabeledSpan::offset).min()?;
    let end = labels
        .iter()
        .map(|label| label.offset() + label.len())
        .max()?;
    let contents = part
        .source_code()?
        .read_span(&(start, end - start).into(), 0, 0)
        .ok()?;
    let base = contents.span().offset();
    let text = String::from_utf8_lossy(contents.data());
    let text = two_bytes_visible(&text).into_owned();
    let length = text.len();
    let path = contents
        .name()
        .map(|name| two_bytes_visible(name).into_owned());
    // A label that cuts a character is a mistake elsewhere, and still no reason to say nothing at all.
    let whole = text.clone();
    let edge = move |at: usize| whole.floor_char_boundary(at);
    let annotations = labels.into_iter().map(|label| {
        let kind = if label.primary() {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let from = edge((label.offset() - base).min(length));
        let to = edge((label.offset() - base + label.len()).min(length));
        let label = label.label();
        kind.span(from..to)
            .label(label.map(|label| two_bytes_visible(label).into_owned()))
    });
    Some(
        Snippet::source(text)
            .line_start(contents.line() + 1)
            .path(path)
            .annotations(annotations),
    )
}
