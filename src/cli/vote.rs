//! `approve` and `decline`: a person's word on what a run waits for. It goes by the run's inbox, so that it does not matter
//! whether a runner lives.

use super::args::{Common, VoteArgs};
use super::operate::{found, is_driven, meant, post, wait_until_taken};
use super::say::Say;
use super::{USAGE, overdue, place};
use crate::engine::{Answer, Input, Question, QuestionAbout, same_person};

/// `approve`.
pub(super) fn approve(args: &VoteArgs, common: &Common, say: &Say) -> u8 {
    vote(args, Answer::Approve, common, say)
}

/// `decline`.
pub(super) fn decline(args: &VoteArgs, common: &Common, say: &Say) -> u8 {
    vote(args, Answer::Decline, common, say)
}

fn vote(args: &VoteArgs, answer: Answer, common: &Common, say: &Say) -> u8 {
    let Some((mut store, id, plan, state)) = found(&args.run, common, say) else {
        return USAGE;
    };
    let open: Vec<(&Question, &str)> = state
        .questions
        .iter()
        .filter_map(|question| match question.about {
            QuestionAbout::Approval(approval) => {
                let approval = plan.approvals.get(approval.index())?;
                Some((question, approval.group.as_str()))
            }
            QuestionAbout::Guard(_)
            | QuestionAbout::Hold
            | QuestionAbout::Failure(_)
            | QuestionAbout::Unknown { .. }
            | QuestionAbout::Undo { .. }
            | QuestionAbout::Unapproved(_)
            | QuestionAbout::Unseen => None,
        })
        .collect();
    if open.is_empty() {
        say.error(
            &format!("run {id} waits for no approval"),
            &format!("`runbook status {id}` says where it stands"),
        );
        return USAGE;
    }
    // The claim also says which question is meant.
    let mine: Vec<(&Question, &str)> = open
        .iter()
        .copied()
        .filter(|(_, group)| args.group.as_ref().is_none_or(|claim| claim == group))
        .collect();
    if let ([], Some(claim)) = (mine.as_slice(), &args.group) {
        let groups: Vec<&str> = open.iter().map(|(_, group)| *group).collect();
        say.error(
            &format!("run {id} does not wait for an approval by {claim}"),
            &format!("it is asked of: {}", groups.join(", ")),
        );
        return USAGE;
    }
    let questions: Vec<&Question> = mine.iter().map(|(question, _)| *question).collect();
    let Some(question) = meant(&questions, args.question, &id, say) else {
        return USAGE;
    };
    let number = question.number;
    let by = place::person(args.by.as_ref());
    let has_spoken = || {
        let given = state.approvals.iter();
        given
            .filter(|given| given.question == number)
            .any(|given| same_person(&given.by, &by))
    };
    if answer == Answer::Approve && has_spoken() {
        say.error(
            &format!("{by} has approved this already"),
            "it wants different people; another one has to",
        );
        return USAGE;
    }
    if let Err(status) = overdue::refuse(&store, &id, question, say) {
        return status;
    }
    let input = Input::Answered {
        question: Some(number),
        answer,
        by: by.clone(),
        reason: args.reason.clone(),
    };
    if let Err(status) = post(&mut store, &id, (&input, &by), say) {
        return status;
    }
    if is_driven(&store, &id) {
        return wait_until_taken(&store, &id, say, |state| {
            let is_open = state.questions.iter().any(|open| open.number == number);
            let is_counted = state
                .approvals
                .iter()
                .any(|given| given.question == number && same_person(&given.by, &by));
            !is_open || is_counted
        });
    }
    say.tell(&format!(
        "{} is recorded for run {id}; nobody drives it now",
        answer.word()
    ));
    say.next("go on", &format!("runbook resume {id}"));
    0
}
