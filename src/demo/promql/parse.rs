//! Query text to `Expr`, by recursive descent. It reads no series and knows no time.

use regex::Regex;

use super::cursor::Cursor;
use super::{Expr, Matcher, Op, Over, QueryError, Selector, Test};

/// How deep parentheses and calls may nest; a query is written by a person.
const MAX_DEPTH: usize = 50;

/// The longest query that is read, in bytes. It bounds the depth of the tree that a long chain of operators makes.
const MAX_LENGTH: usize = 2_000;

/// Reads a query.
///
/// # Errors
/// `BadData` for text that is not PromQL, and for PromQL that the demo does not speak.
pub(in crate::demo) fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.len() > MAX_LENGTH {
        return Err(QueryError::BadData(format!(
            "the query is longer than {MAX_LENGTH} bytes"
        )));
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        depth: 0,
    };
    let expr = parser.sum_of_products()?;
    parser.cursor.blanks();
    if parser.cursor.rest().is_empty() {
        Ok(expr)
    } else {
        Err(parser.cursor.unexpected("an operator or the end"))
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
}

impl Parser<'_> {
    fn sum_of_products(&mut self) -> Result<Expr, QueryError> {
        let mut left = self.product()?;
        loop {
            let op = if self.cursor.eat("+") {
                Op::Add
            } else if self.cursor.eat("-") {
                Op::Subtract
            } else {
                return Ok(left);
            };
            left = Expr::Arithmetic {
                op,
                left: Box::new(left),
                right: Box::new(self.product()?),
            };
        }
    }

    fn product(&mut self) -> Result<Expr, QueryError> {
        let mut left = self.operand()?;
        loop {
            let op = if self.cursor.eat("*") {
                Op::Multiply
            } else if self.cursor.eat("/") {
                Op::Divide
            } else {
                return Ok(left);
            };
            left = Expr::Arithmetic {
                op,
                left: Box::new(left),
                right: Box::new(self.operand()?),
            };
        }
    }

    fn operand(&mut self) -> Result<Expr, QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(QueryError::BadData(format!(
                "the query nests deeper than {MAX_DEPTH}"
            )));
        }
        self.cursor.blanks();
        let expr = if self.cursor.eat("(") {
            let inner = self.sum_of_products()?;
            self.cursor.expect(")")?;
            inner
        } else if self
            .cursor
            .rest()
            .starts_with(|first: char| first.is_ascii_digit())
        {
            self.number()?
        } else {
            self.named()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn number(&mut self) -> Result<Expr, QueryError> {
        let digits = self.cursor.run(|next| next.is_ascii_digit() || next == '.');
        let number = digits
            .parse()
            .map_err(|_| QueryError::BadData(format!("bad number {digits:?}")))?;
        Ok(Expr::Number(number))
    }

    /// A function, an aggregation or a selector: what a name can begin.
    fn named(&mut self) -> Result<Expr, QueryError> {
        let start = self.cursor.at();
        let name = self.cursor.name();
        match name {
            "sum" => return self.sum(),
            "rate" => return self.over(Over::Rate),
            "increase" => return self.over(Over::Increase),
            "histogram_quantile" => return self.quantile(),
            _ => {}
        }
        self.cursor.blanks();
        if !name.is_empty() && self.cursor.rest().starts_with('(') {
            let known = "the demo knows rate, increase, sum and histogram_quantile";
            return Err(QueryError::BadData(format!(
                "1:{}: unknown function {name:?}: {known}",
                start + 1
            )));
        }
        let selector = self.selector(name)?;
        if self.cursor.eat("[") {
            let why = "a range needs rate(...) or increase(...) around it";
            return Err(QueryError::BadData(format!(
                "invalid expression type \"range vector\": {why}"
            )));
        }
        Ok(Expr::Select(selector))
    }

    /// The labels stand before or after what is summed.
    fn sum(&mut self) -> Result<Expr, QueryError> {
        let before = self.by()?;
        self.cursor.expect("(")?;
        let of = Box::new(self.sum_of_products()?);
        self.cursor.expect(")")?;
        let by = match before {
            Some(by) => by,
            None => self.by()?.unwrap_or_default(),
        };
        Ok(Expr::Sum { by, of })
    }

    fn by(&mut self) -> Result<Option<Vec<String>>, QueryError> {
        self.cursor.blanks();
        if !self.cursor.rest().starts_with("by") {
            return Ok(None);
        }
        if self.cursor.name() != "by" {
            return Err(self.cursor.unexpected("\"by\""));
        }
        self.cursor.expect("(")?;
        let mut by = Vec::new();
        while !self.cursor.eat(")") {
            by.push(self.label()?);
            if !self.cursor.eat(",") {
                self.cursor.expect(")")?;
                break;
            }
        }
        Ok(Some(by))
    }

    fn label(&mut self) -> Result<String, QueryError> {
        match self.cursor.name() {
            "" => Err(self.cursor.unexpected("a label's name")),
            name => Ok(name.to_owned()),
        }
    }

    fn over(&mut self, function: Over) -> Result<Expr, QueryError> {
        self.cursor.expect("(")?;
        let name = self.cursor.name();
        let selector = self.selector(name)?;
        self.cursor.expect("[")?;
        let window = self.duration()?;
        self.cursor.expect("]")?;
        self.cursor.expect(")")?;
        Ok(Expr::Over {
            function,
            selector,
            window,
        })
    }

    fn quantile(&mut self) -> Result<Expr, QueryError> {
        self.cursor.expect("(")?;
        let rank = Box::new(self.sum_of_products()?);
        self.cursor.expect(",")?;
        let of = Box::new(self.sum_of_products()?);
        self.cursor.expect(")")?;
        Ok(Expr::Quantile { rank, of })
    }

    /// Seconds of `90s`, `1m`, `1h30m`, as written.
    fn duration(&mut self) -> Result<f64, QueryError> {
        let mut seconds = 0.0;
        loop {
            let digits = self.cursor.run(|next| next.is_ascii_digit());
            let Ok(count) = digits.parse::<f64>() else {
                break;
            };
            let unit = self.cursor.run(|next| next.is_ascii_lowercase());
            seconds += count
                * match unit {
                    "ms" => 0.001,
                    "s" => 1.0,
                    "m" => 60.0,
                    "h" => 3600.0,
                    "d" => 86400.0,
                    _ => return Err(self.cursor.unexpected("a duration such as 1m")),
                };
        }
        if seconds > 0.0 {
            Ok(seconds)
        } else {
            Err(self.cursor.unexpected("a duration such as 1m"))
        }
    }

    fn selector(&mut self, name: &str) -> Result<Selector, QueryError> {
        let mut matchers = Vec::new();
        if !name.is_empty() {
            matchers.push(Matcher {
                label: "__name__".to_owned(),
                test: Test::Is(name.to_owned()),
            });
        }
        if self.cursor.eat("{") {
            while !self.cursor.eat("}") {
                matchers.push(self.matcher()?);
                if !self.cursor.eat(",") {
                    self.cursor.expect("}")?;
                    break;
                }
            }
        }
        if matchers.is_empty() {
            Err(self.cursor.unexpected("a metric, a number or a function"))
        } else {
            Ok(Selector { matchers })
        }
    }

    fn matcher(&mut self) -> Result<Matcher, QueryError> {
        let label = self.label()?;
        let test = if self.cursor.eat("=~") {
            Test::Fits(self.pattern()?)
        } else if self.cursor.eat("!~") {
            Test::FitsNot(self.pattern()?)
        } else if self.cursor.eat("!=") {
            Test::IsNot(self.cursor.string()?)
        } else {
            self.cursor.expect("=")?;
            Test::Is(self.cursor.string()?)
        };
        Ok(Matcher { label, test })
    }

    /// A pattern has to fit the whole value, as in Prometheus.
    fn pattern(&mut self) -> Result<Regex, QueryError> {
        let text = self.cursor.string()?;
        Regex::new(&format!("^(?:{text})$")).map_err(|error| QueryError::BadData(error.to_string()))
    }
}
