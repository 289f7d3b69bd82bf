//! Owns the talk with a person at the terminal, without the terminal: what is asked, what a line means. Nothing is ever answered
//! for the person.

use std::fmt::Write as _;

use crate::engine::{Answer, Input, LeaveWhy, Question, QuestionNumber};

/// What a line led to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// Nothing is due, or the talk goes on; see [`Dialogue::prompt`].
    Nothing,
    /// This is shown.
    Show(String),
    /// The engine is told.
    Tell(Input),
    /// The person lets the run go on after an interruption.
    GoOn,
}

/// What is being talked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    /// An open question.
    Question(QuestionNumber),
    /// What to do after an interruption.
    Interruption,
}

/// What was chosen, while its reason is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Answer(QuestionNumber, Answer),
    RollBack,
}

/// The talk.
#[derive(Clone, Debug)]
pub(super) struct Dialogue {
    by: String,
    interrupted: bool,
    open: Vec<Question>,
    chosen: Option<Choice>,
    /// What has been shown last, so that it is shown once.
    shown: Option<(Topic, Option<Choice>)>,
}

impl Dialogue {
    pub(super) fn new(by: String) -> Self {
        Self {
            by,
            interrupted: false,
            open: Vec::new(),
            chosen: None,
            shown: None,
        }
    }

    /// Takes over the questions that are open now.
    pub(super) fn follow(&mut self, questions: &[Question]) {
        if self.open == questions {
            return;
        }
        self.open = questions.to_vec();
        let is_open = |number| questions.iter().any(|question| question.number == number);
        if let Some(Choice::Answer(number, _)) = self.chosen
            && !is_open(number)
        {
            self.chosen = None;
        }
    }

    /// The person pressed Ctrl-C.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = true;
        self.chosen = None;
        self.shown = None;
    }

    fn topic(&self) -> Option<Topic> {
        if self.interrupted {
            return Some(Topic::Interruption);
        }
        self.open
            .first()
            .map(|question| Topic::Question(question.number))
    }

    /// What is to be shown now, if it has not been.
    pub(super) fn prompt(&mut self) -> Option<String> {
        let topic = self.topic()?;
        let now = (topic, self.chosen);
        if self.shown == Some(now) {
            return None;
        }
        self.shown = Some(now);
        if self.chosen.is_some() {
            return Some("Why? (one line, it is recorded) ".to_owned());
        }
        Some(match topic {
            Topic::Interruption => {
                "Interrupted; the run goes on meanwhile. [c]ontinue, [r]oll back or [d]etach? "
                    .to_owned()
            }
            Topic::Question(number) => {
                let mut text = String::new();
                if let Some(question) = self.open.iter().find(|open| open.number == number) {
                    let ways: Vec<&str> = question.answers.iter().map(|way| choice(*way)).collect();
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{}\n{}? ", question.text, ways.join(", "));
                }
                text
            }
        })
    }

    /// The person entered a line.
    pub(super) fn hear(&mut self, line: &str) -> Heard {
        let line = line.trim();
        if let Some(choice) = self.chosen {
            return self.reason(choice, line);
        }
        match self.topic() {
            None if line.is_empty() => Heard::Nothing,
            None => Heard::Show("Nothing is asked. Ctrl-C stops the run or rolls it back.".into()),
            Some(Topic::Interruption) => self.after_interruption(line),
            Some(Topic::Question(number)) => {
                let answers = self
                    .open
                    .iter()
                    .find(|open| open.number == number)
                    .map(|question| question.answers.clone())
                    .unwrap_or_default();
                self.shown = None;
                match meant(line).filter(|answer| answers.contains(answer)) {
                    Some(answer) => {
                        self.chosen = Some(Choice::Answer(number, answer));
                        Heard::Nothing
                    }
                    None => Heard::Nothing,
                }
            }
        }
    }

    fn after_interruption(&mut self, line: &str) -> Heard {
        self.shown = None;
        match line.to_ascii_lowercase().as_str() {
            "c" | "continue" => {
                self.interrupted = false;
                Heard::GoOn
            }
            "r" | "rollback" | "roll back" => {
                self.chosen = Some(Choice::RollBack);
                Heard::Nothing
            }
            "d" | "detach" => {
                self.interrupted = false;
                Heard::Tell(Input::Leave {
                    why: LeaveWhy::Interrupted,
                })
            }
            _other => Heard::Nothing,
        }
    }

    fn reason(&mut self, choice: Choice, line: &str) -> Heard {
        self.shown = None;
        if line.is_empty() {
            return Heard::Nothing;
        }
        self.chosen = None;
        let (by, reason) = (self.by.clone(), line.to_owned());
        Heard::Tell(match choice {
            Choice::Answer(number, answer) => Input::Answered {
                question: Some(number),
                answer,
                by,
                reason,
            },
            Choice::RollBack => {
                self.interrupted = false;
                Input::RollBack {
                    from: None,
                    by,
                    reason,
                }
            }
        })
    }
}

fn choice(answer: Answer) -> &'static str {
    match answer {
        Answer::Continue => "[c]ontinue",
        Answer::Rerun => "re[run]",
        Answer::Rollback => "[r]ollback",
        Answer::Approve => "[a]pprove",
        Answer::Decline => "[d]ecline",
        Answer::Undo => "[u]ndo",
        Answer::Leave => "[l]eave",
    }
}

fn meant(line: &str) -> Option<Answer> {
    match line.to_ascii_lowercase().as_str() {
        "c" | "continue" => Some(Answer::Continue),
        "run" | "re" | "rerun" => Some(Answer::Rerun),
        "r" | "rollback" | "roll back" => Some(Answer::Rollback),
        "a" | "approve" => Some(Answer::Approve),
        "d" | "decline" => Some(Answer::Decline),
        "u" | "undo" => Some(Answer::Undo),
        "l" | "leave" => Some(Answer::Leave),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::QuestionAbout;
    use crate::plan::Otherwise;

    fn question(number: u32) -> Question {
        Question {
            number: QuestionNumber(number),
            about: QuestionAbout::Hold,
            strand: crate::engine::StrandId::MAIN,
            text: format!("Question {number}."),
            answers: vec![Answer::Continue, Answer::Rollback],
            until: None,
            otherwise: Otherwise::Rollback,
        }
    }

    fn answered(number: u32, answer: Answer, reason: &str) -> Heard {
        Heard::Tell(Input::Answered {
            question: Some(QuestionNumber(number)),
            answer,
            by: "anna".to_owned(),
            reason: reason.to_owned(),
        })
    }

    #[test]
    fn a_question_takes_a_choice_and_a_reason() {
        let mut talk = Dialogue::new("anna".to_owned());
        assert_eq!(talk.prompt(), None);
        talk.follow(&[question(0)]);
        assert_eq!(
            talk.prompt().as_deref(),
            Some("Question 0.\n[c]ontinue, [r]ollback? ")
        );
        assert_eq!(talk.prompt(), None, "it is shown once");
        assert_eq!(talk.hear("what?"), Heard::Nothing);
        assert!(talk.prompt().is_some(), "it is asked again");
        assert_eq!(talk.hear("rerun"), Heard::Nothing, "no answer to this one");
        assert!(
            talk.prompt()
                .is_some_and(|text| text.contains("Question 0"))
        );
        assert_eq!(talk.hear("R"), Heard::Nothing);
        assert!(talk.prompt().is_some_and(|text| text.starts_with("Why?")));
        assert_eq!(talk.hear(" "), Heard::Nothing, "a reason is wanted");
        assert!(talk.prompt().is_some_and(|text| text.starts_with("Why?")));
        assert_eq!(
            talk.hear("errors go up"),
            answered(0, Answer::Rollback, "errors go up")
        );
    }

    #[test]
    fn a_question_that_was_settled_elsewhere_takes_its_choice_along() {
        let mut talk = Dialogue::new("anna".to_owned());
        talk.follow(&[question(0)]);
        assert_eq!(talk.hear("c"), Heard::Nothing);
        talk.follow(&[question(1)]);
        assert!(
            talk.prompt()
                .is_some_and(|text| text.contains("Question 1"))
        );
        assert_eq!(talk.hear("c"), Heard::Nothing);
        assert_eq!(talk.hear("fine"), answered(1, Answer::Continue, "fine"));
    }

    #[test]
    fn an_approval_takes_a_yes_or_a_no_and_a_reason() {
        let mut talk = Dialogue::new("anna".to_owned());
        talk.follow(&[Question {
            about: QuestionAbout::Approval(crate::plan::ApprovalId(0)),
            answers: vec![Answer::Approve, Answer::Decline],
            ..question(0)
        }]);
        assert_eq!(
            talk.prompt().as_deref(),
            Some("Question 0.\n[a]pprove, [d]ecline? ")
        );
        assert_eq!(talk.hear("continue"), Heard::Nothing);
        assert!(talk.prompt().is_some_and(|text| text.contains("[a]pprove")));
        assert_eq!(talk.hear("d"), Heard::Nothing);
        assert_eq!(
            talk.hear("too late"),
            answered(0, Answer::Decline, "too late")
        );
        assert_eq!(talk.hear("approve"), Heard::Nothing);
        assert_eq!(
            talk.hear("it is well"),
            answered(0, Answer::Approve, "it is well")
        );
    }

    #[test]
    fn an_interruption_comes_before_questions_and_starts_nothing_by_itself() {
        let mut talk = Dialogue::new("anna".to_owned());
        talk.follow(&[question(0)]);
        talk.interrupt();
        assert!(talk.prompt().is_some_and(|text| text.contains("[d]etach")));
        assert_eq!(talk.hear(""), Heard::Nothing);
        assert!(talk.prompt().is_some_and(|text| text.contains("[d]etach")));
        assert_eq!(talk.hear("c"), Heard::GoOn);
        assert!(
            talk.prompt()
                .is_some_and(|text| text.contains("Question 0"))
        );
        talk.interrupt();
        assert_eq!(
            talk.hear("detach"),
            Heard::Tell(Input::Leave {
                why: LeaveWhy::Interrupted
            })
        );
        talk.interrupt();
        assert_eq!(talk.hear("r"), Heard::Nothing);
        assert_eq!(
            talk.hear("wrong version"),
            Heard::Tell(Input::RollBack {
                from: None,
                by: "anna".to_owned(),
                reason: "wrong version".to_owned()
            })
        );
    }

    #[test]
    fn a_line_nobody_asked_for_does_nothing() {
        let mut talk = Dialogue::new("anna".to_owned());
        assert_eq!(talk.hear(""), Heard::Nothing);
        assert!(matches!(talk.hear("rollback"), Heard::Show(_)));
    }
}
