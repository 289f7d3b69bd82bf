//! Query text to `Expr`, by recursive descent. It reads no series and knows no time.

use regex::Regex;

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
        text,
        at: 0,
        depth: 0,
    };
    let expr = parser.sum_of_products()?;
    parser.blanks();
    if parser.rest().is_empty() {
        Ok(expr)
    } else {
        Err(parser.unexpected("an operator or the end"))
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes `token` if it comes next.
    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), QueryError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("{token:?}")))
        }
    }

    /// Takes the longest run of characters that satisfy `accept`.
    fn run(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|next| !accept(next)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    fn name(&mut self) -> &'t str {
        self.blanks();
        if self
            .rest()
            .starts_with(|first: char| first.is_ascii_digit())
        {
            return "";
        }
        self.run(|next| next.is_ascii_alphanumeric() || next == '_' || next == ':')
    }

    fn unexpected(&mut self, wanted: &str) -> QueryError {
        self.blanks();
        let found = self
            .rest()
            .chars()
            .next()
            .map_or("the end".to_owned(), |next| format!("{next:?}"));
        QueryError::BadData(format!(
            "1:{}: parse error: unexpected {found}, expected {wanted}",
            self.at + 1
        ))
    }

    fn sum_of_products(&mut self) -> Result<Expr, QueryError> {
        let mut left = self.product()?;
        loop {
            let op = if self.eat("+") {
                Op::Add
            } else if self.eat("-") {
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
            let op = if self.eat("*") {
                Op::Multiply
            } else if self.eat("/") {
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
        self.blanks();
        let expr = if self.eat("(") {
            let inner = self.sum_of_products()?;
            self.expect(")")?;
            inner
        } else if self
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
        let digits = self.run(|next| next.is_ascii_digit() || next == '.');
        let number = digits
            .parse()
            .map_err(|_| QueryError::BadData(format!("bad number {digits:?}")))?;
        Ok(Expr::Number(number))
    }

    /// A function, an aggregation or a selector: what a name can begin.
    fn named(&mut self) -> Result<Expr, QueryError> {
        let start = self.at;
        let name = self.name();
        match name {
            "sum" => return self.sum(),
            "rate" => return self.over(Over::Rate),
            "increase" => return self.over(Over::Increase),
            "histogram_quantile" => return self.quantile(),
            _ => {}
        }
        self.blanks();
        if !name.is_empty() && self.rest().starts_with('(') {
            let known = "the demo knows rate, increase, sum and histogram_quantile";
            return Err(QueryError::BadData(format!(
                "1:{}: unknown function {name:?}: {known}",
                start + 1
            )));
        }
        let selector = self.selector(name)?;
        if self.eat("[") {
            let why = "a range needs rate(...) or increase(...) around it";
            return Err(QueryError::BadData(format!(
                "invalid expression type \"range vector\": {why}"
            )));
        }
        Ok(Expr::Select(selector))
    }

    fn sum(&mut self) -> Result<Expr, QueryError> {
        let mut by = self.by()?;
        self.expect("(")?;
        let of = Box::new(self.sum_of_products()?);
        self.expect(")")?;
        by.extend(self.by()?);
        Ok(Expr::Sum { by, of })
    }

    fn by(&mut self) -> Result<Vec<String>, QueryError> {
        let mut by = Vec::new();
        self.blanks();
        if self.rest().starts_with("by") {
            self.name();
            self.expect("(")?;
            while !self.eat(")") {
                by.push(self.label()?);
                if !self.eat(",") {
                    self.expect(")")?;
                    break;
                }
            }
        }
        Ok(by)
    }

    fn label(&mut self) -> Result<String, QueryError> {
        match self.name() {
            "" => Err(self.unexpected("a label's name")),
            name => Ok(name.to_owned()),
        }
    }

    fn over(&mut self, function: Over) -> Result<Expr, QueryError> {
        self.expect("(")?;
        let name = self.name();
        let selector = self.selector(name)?;
        self.expect("[")?;
        let window = self.duration()?;
        self.expect("]")?;
        self.expect(")")?;
        Ok(Expr::Over {
            function,
            selector,
            window,
        })
    }

    fn quantile(&mut self) -> Result<Expr, QueryError> {
        self.expect("(")?;
        let rank = Box::new(self.sum_of_products()?);
        self.expect(",")?;
        let of = Box::new(self.sum_of_products()?);
        self.expect(")")?;
        Ok(Expr::Quantile { rank, of })
    }

    /// Seconds of `90s`, `1m`, `1h30m`, as written.
    fn duration(&mut self) -> Result<f64, QueryError> {
        let mut seconds = 0.0;
        loop {
            let digits = self.run(|next| next.is_ascii_digit());
            let Ok(count) = digits.parse::<f64>() else {
                break;
            };
            let unit = self.run(|next| next.is_ascii_lowercase());
            seconds += count
                * match unit {
                    "ms" => 0.001,
                    "s" => 1.0,
                    "m" => 60.0,
                    "h" => 3600.0,
                    "d" => 86400.0,
                    _ => return Err(self.unexpected("a duration such as 1m")),
                };
        }
        if seconds > 0.0 {
            Ok(seconds)
        } else {
            Err(self.unexpected("a duration such as 1m"))
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
        if self.eat("{") {
            while !self.eat("}") {
                matchers.push(self.matcher()?);
                if !self.eat(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        if matchers.is_empty() {
            Err(self.unexpected("a metric, a number or a function"))
        } else {
            Ok(Selector { matchers })
        }
    }

    fn matcher(&mut self) -> Result<Matcher, QueryError> {
        let label = self.label()?;
        let test = if self.eat("=~") {
            Test::Fits(self.pattern()?)
        } else if self.eat("!~") {
            Test::FitsNot(self.pattern()?)
        } else if self.eat("!=") {
            Test::IsNot(self.string()?)
        } else {
            self.expect("=")?;
            Test::Is(self.string()?)
        };
        Ok(Matcher { label, test })
    }

    /// A pattern has to fit the whole value, as in Prometheus.
    fn pattern(&mut self) -> Result<Regex, QueryError> {
        let text = self.string()?;
        Regex::new(&format!("^(?:{text})$")).map_err(|error| QueryError::BadData(error.to_string()))
    }

    /// A string in either quote. A backslash takes the next character as it is.
    fn string(&mut self) -> Result<String, QueryError> {
        let quote = if self.eat("\"") {
            '"'
        } else if self.eat("'") {
            '\''
        } else {
            return Err(self.unexpected("a string"));
        };
        let mut value = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((offset, next)) = characters.next() {
            if next == quote {
                self.at += offset + next.len_utf8();
                return Ok(value);
            }
            match next {
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                plain => value.push(plain),
            }
        }
        Err(QueryError::BadData("unterminated string".to_owned()))
    }
}
