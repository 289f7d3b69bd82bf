//! Expressions, text and commands.

use crate::source::Span;
use crate::value::{Type, Value};

use super::Name;

/// An expression. Durations, counts and thresholds in clauses are expressions too: `timeout 10m`,
/// `timeout limit * 2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, with its parentheses.
    pub span: Span,
    /// Whether it stands in parentheses of its own.
    pub grouped: bool,
}

impl Expr {
    /// The name that it is.
    pub fn name(&self) -> Option<&str> {
        if let ExprKind::Name(name) = &self.kind {
            Some(name)
        } else {
            None
        }
    }

    /// The text that it is.
    pub const fn text(&self) -> Option<&Text> {
        if let ExprKind::Text(text) = &self.kind {
            Some(text)
        } else {
            None
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal that is not text: `5%`, `1h30m`, `2.4.0`, `true`.
    Literal(Value),
    /// A string; its parts may be expressions.
    Text(Text),
    /// A name: a parameter, a metric, an exposure, `elapsed`, `stage`, `status`, `body`, `output`, `exit`.
    Name(String),
    /// A field: `latency_p95.baseline`.
    Field {
        /// The name before the dot.
        of: Name,
        /// The name after it.
        field: Name,
    },
    /// `error_rate is critical`
    Is {
        /// What is judged; the grammar takes any operand, the type phase wants a metric.
        of: Box<Expr>,
        /// The word after `is`.
        state: MetricState,
    },
    /// `not a`, `-5`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// What it is applied to.
        operand: Box<Expr>,
    },
    /// `a and b`, `a > b`, `a + b`. A comparison never has a comparison as its direct operand.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `json(".status")`, `header("age")`
    Call {
        /// The function.
        name: Name,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// Could not be read, and was reported. It fits everywhere.
    Lost,
}

/// The band that a sample of a metric is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricState {
    /// Beyond `warning`.
    Warning,
    /// Beyond `critical`.
    Critical,
}

impl MetricState {
    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Negate,
}

impl UnaryOp {
    /// The text in the language.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::Negate => "-",
        }
    }
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`, `!=`, `<`, …
    Compare(CompareOp),
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOp {
    /// The text in the language.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Compare(op) => op.text(),
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

/// A comparison; also the operator of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOp {
    /// The text in the language.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The same with its sides exchanged.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// A string of one of the three kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// How it is written.
    pub quote: Quote,
    /// Its parts; escapes are resolved, indentation is stripped, neighbouring pieces are joined.
    pub parts: Vec<TextPart>,
    /// Where it stands, with its quotes.
    pub span: Span,
}

impl Text {
    /// The text, if nothing is interpolated.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [TextPart::Piece(text)] => Some(text),
            [..] => None,
        }
    }

    /// The expressions that are interpolated.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            TextPart::Piece(_) => None,
            TextPart::Expr(expr) => Some(expr),
        })
    }
}

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// `"…"`
    Double,
    /// `'…'`: nothing in it is special.
    Raw,
    /// `"""…"""` over several lines.
    Block,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// Text as it is.
    Piece(String),
    /// `${expr}`; the span of the expression is without `${` and `}`.
    Expr(Expr),
}

/// A type as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeRef {
    /// The type; `None` when it could not be read or is not built yet, which was reported.
    pub ty: Option<Type>,
    /// Where it stands.
    pub span: Span,
}

/// A command: something that is run.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `$ …` or `sh """…"""`
    Shell(Shell),
    /// `exec "git" "revert" commit`
    Exec(Exec),
    /// `{ $ … }`
    Block(Block),
    /// `http post URL { … }`
    Http(Box<super::Request>),
    /// `sql PROVIDER "file"`
    Sql(Box<super::Sql>),
}

impl Command {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Shell(shell) => shell.span,
            Self::Exec(exec) => exec.span,
            Self::Block(block) => block.span,
            Self::Http(request) => request.span,
            Self::Sql(sql) => sql.span,
        }
    }
}

/// Several commands, run in order as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// They are shell text and programs, never blocks.
    pub parts: Vec<Command>,
    /// From brace to brace.
    pub span: Span,
}

/// Shell text. It is opaque: nothing is interpolated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// What the shell gets. A `$` line is taken as it stands (a joined line keeps its backslash and newline,
    /// which mean the same to the shell); a script has its indentation stripped.
    pub text: String,
    /// How it is written.
    pub form: ShellForm,
    /// The whole construct, from `$` or `sh`.
    pub span: Span,
    /// The text alone, without `$` or the quotes, before indentation is stripped.
    pub text_span: Span,
    /// For each line of `text`, the place in the file at which that line begins.
    pub line_starts: Vec<Span>,
}

impl Shell {
    /// The lines of `text`, to find where its bytes stand in the file.
    pub fn lines(&self) -> ShellLines<'_> {
        let breaks = self.text.match_indices('\n');
        ShellLines {
            shell: self,
            breaks: breaks.map(|(at, _)| at).collect(),
        }
    }
}

/// The way from shell text into the file.
#[derive(Clone, Debug)]
pub struct ShellLines<'s> {
    shell: &'s Shell,
    /// Where its lines end.
    breaks: Vec<usize>,
}

impl ShellLines<'_> {
    /// Where a byte of the text stands in the file; for labels that point into shell text.
    pub fn offset_in_file(&self, at: usize) -> u32 {
        let line = self.breaks.partition_point(|end| *end < at);
        let ended = line
            .checked_sub(1)
            .and_then(|before| self.breaks.get(before));
        let start = ended.map_or(0, |end| end + 1);
        let begins = self.shell.line_starts.get(line);
        begins.unwrap_or(&self.shell.text_span).start + crate::source::offset(at - start)
    }
}

/// How shell text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellForm {
    /// `$ …` to the end of the line.
    Line,
    /// `sh """…"""`
    Script,
}

/// A program with typed arguments and no shell.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    /// The program.
    pub program: Expr,
    /// Its arguments, one each: strings, names, literals.
    pub args: Vec<Expr>,
    /// The whole construct, from `exec`.
    pub span: Span,
}

/// `http get URL`
#[derive(Clone, Debug, PartialEq)]
pub struct HttpGet {
    /// What is asked.
    pub url: Expr,
    /// The whole construct, from `http`.
    pub span: Span,
}
