//! Days off in an iCalendar file (RFC 5545): whole days, once or every year. What else a calendar can say is refused by
//! name, so that no day is silently left out. Reads no file.

use std::str::FromStr;

use super::Date;

/// Days off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaysOff {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What they are called; empty when the file does not say.
    pub name: String,
    /// They come back every year.
    pub yearly: bool,
    /// The last day on which they may begin again.
    pub until: Option<Date>,
}

/// One event while it is read.
#[derive(Default)]
struct Event {
    line: usize,
    name: String,
    start: Option<Date>,
    /// The first day after it.
    end: Option<Date>,
    rule: Option<(bool, Option<Date>, Option<u32>)>,
    cancelled: bool,
}

/// The days off of a calendar.
///
/// # Errors
/// What it says that is not read, with its line.
pub fn days_off(text: &str) -> Result<Vec<DaysOff>, String> {
    let lines = unfolded(text);
    if !lines
        .first()
        .is_some_and(|(_, line)| line.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
    {
        return Err("it does not begin with BEGIN:VCALENDAR".to_owned());
    }
    let mut all = Vec::new();
    let mut event: Option<Event> = None;
    // Alarms and the like inside an event.
    let mut inside = 0_usize;
    let mut closed = false;
    for (number, line) in &lines {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let mut words = key.split(';');
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        let fault = |why: &str| format!("line {number}: {why}");
        match (name.as_str(), value.to_ascii_uppercase().as_str()) {
            ("END", "VCALENDAR") => closed = true,
            ("BEGIN", "VEVENT") => {
                event = Some(Event {
                    line: *number,
                    ..Event::default()
                });
            }
            ("END", "VEVENT") => {
                if let Some(event) = event.take() {
                    all.extend(finished(event)?);
                }
            }
            ("BEGIN", _) if event.is_some() => inside += 1,
            ("END", _) if event.is_some() => inside = inside.saturating_sub(1),
            _ if inside > 0 => {}
            (name, upper) => {
                let Some(event) = &mut event else { continue };
                match name {
                    "SUMMARY" => event.name = unescaped(value),
                    "STATUS" => event.cancelled = upper == "CANCELLED",
                    "DTSTART" => event.start = Some(day(value).map_err(fault)?),
                    "DTEND" => event.end = Some(day(value).map_err(fault)?),
                    "RRULE" => event.rule = Some(rule(upper).map_err(|why| fault(&why))?),
                    "DURATION" | "RDATE" | "EXDATE" | "EXRULE" | "RECURRENCE-ID" => {
                        return Err(fault(&format!("{name} is not read")));
                    }
                    _other => {}
                }
            }
        }
    }
    if !closed {
        return Err("it ends before END:VCALENDAR".to_owned());
    }
    Ok(all)
}

fn finished(event: Event) -> Result<Option<DaysOff>, String> {
    let line = event.line;
    if event.cancelled {
        return Ok(None);
    }
    let first = event
        .start
        .ok_or_else(|| format!("line {line}: an event without DTSTART"))?;
    let last = match event.end {
        None => first,
        Some(end) if end > first => Date(
            end.0
                .yesterday()
                .map_err(|_| format!("line {line}: a date out of the calendar"))?,
        ),
        Some(_) => return Err(format!("line {line}: an event that ends before it begins")),
    };
    let (yearly, mut until, count) = event.rule.unwrap_or((false, None, None));
    if let Some(count) = count {
        let years = i16::try_from(count.saturating_sub(1)).unwrap_or(i16::MAX);
        let year = first.0.year().saturating_add(years).min(9_999);
        // The last day of the last year in which it comes.
        until = jiff::civil::Date::new(year, 12, 31).ok().map(Date);
    }
    Ok(Some(DaysOff {
        first,
        last,
        name: event.name,
        yearly,
        until,
    }))
}

/// Lines with their numbers; one that begins with a blank goes on with the line before.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), all.last_mut()) {
            (Some(more), Some((_, last))) => last.push_str(more),
            (_, _) if line.trim().is_empty() => {}
            (_, _) => all.push((index + 1, line.to_owned())),
        }
    }
    all
}

/// `20261225`
fn day(text: &str) -> Result<Date, &'static str> {
    let text = text.trim();
    if text.contains('T') {
        return Err("an event with a time of day; only whole days are read");
    }
    let dashed = match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 => format!("{year}-{month}-{day}"),
        (_, _, _) => return Err("not a date"),
    };
    Date::from_str(&dashed).map_err(|_| "not a date")
}

type Rule = (bool, Option<Date>, Option<u32>);

/// `FREQ=YEARLY`, at most with its end. The days that it repeats are those of the event.
fn rule(text: &str) -> Result<Rule, String> {
    let (mut yearly, mut until, mut count) = (false, None, None);
    for part in text.trim().split(';').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("FREQ", "YEARLY")) => yearly = true,
            Some(("INTERVAL", "1") | ("WKST", _)) => {}
            Some(("UNTIL", day_text)) => {
                let whole = day_text.split('T').next().unwrap_or_default();
                until = Some(day(whole).map_err(str::to_owned)?);
            }
            Some(("COUNT", number)) => {
                count = Some(number.parse().map_err(|_| "not a number".to_owned())?);
            }
            Some(_) | None => return Err(format!("RRULE with {part} is not read")),
        }
    }
    if yearly {
        Ok((true, until, count))
    } else {
        Err("RRULE without FREQ=YEARLY is not read".to_owned())
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        match ch {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            ch if ch.is_control() => {}
            ch => plain.push(ch),
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::days_off;

    fn read(lines: &str) -> Result<Vec<String>, String> {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{lines}END:VCALENDAR\r\n");
        days_off(&text).map(|all| {
            all.iter()
                .map(|one| {
                    let yearly = if one.yearly { " yearly" } else { "" };
                    let until = one.until.map(|day| format!(" until {day}"));
                    format!(
                        "{}..{} {}{yearly}{}",
                        one.first,
                        one.last,
                        one.name,
                        until.unwrap_or_default()
                    )
                })
                .collect()
        })
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n")
    }

    #[test]
    fn whole_days_are_read() {
        let one = event("DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\\, the fir\r\n st day");
        let two = event("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227");
        let gone = event("DTSTART;VALUE=DATE:20260101\r\nSTATUS:CANCELLED");
        assert_eq!(
            read(&format!("{one}{two}{gone}")),
            Ok(vec![
                "2026-12-25..2026-12-25 Christmas, the first day".to_owned(),
                "2026-12-25..2026-12-26 ".to_owned(),
            ])
        );
    }

    #[test]
    fn a_year_later_again_until_it_ends() {
        let ever = event("DTSTART:20200501\r\nRRULE:FREQ=YEARLY");
        let three = event("DTSTART:20200501\r\nRRULE:FREQ=YEARLY;COUNT=3");
        let until = event("DTSTART:20200501\r\nRRULE:FREQ=YEARLY;UNTIL=20250501T000000Z");
        assert_eq!(
            read(&format!("{ever}{three}{until}")),
            Ok(vec![
                "2020-05-01..2020-05-01  yearly".to_owned(),
                "2020-05-01..2020-05-01  yearly until 2022-12-31".to_owned(),
                "2020-05-01..2020-05-01  yearly until 2025-05-01".to_owned(),
            ])
        );
    }

    #[test]
    fn what_is_not_read_is_refused_by_name() {
        for (lines, why) in [
            (
                "DTSTART:20260101T090000Z",
                "line 4: an event with a time of day; only whole days are read",
            ),
            ("DTSTART:20260230", "line 4: not a date"),
            ("SUMMARY:no day", "line 3: an event without DTSTART"),
            (
                "DTSTART:20260101\r\nRRULE:FREQ=WEEKLY",
                "line 5: RRULE with FREQ=WEEKLY is not read",
            ),
            (
                "DTSTART:20260101\r\nRRULE:FREQ=YEARLY;BYDAY=1MO",
                "line 5: RRULE with BYDAY=1MO is not read",
            ),
            (
                "DTSTART:20260101\r\nEXDATE:20270101",
                "line 5: EXDATE is not read",
            ),
            (
                "DTSTART:20260102\r\nDTEND:20260101",
                "line 3: an event that ends before it begins",
            ),
        ] {
            assert_eq!(read(&event(lines)), Err(why.to_owned()));
        }
        assert!(days_off("<html>").is_err());
        assert!(days_off("BEGIN:VCALENDAR\n").is_err());
    }
}
