//! What is seen at a terminal while a run goes on.

use crate::faults::terminal::Terminal;
use crate::moment;
use crate::program::Place;

const FILE: &str = r#"runbook "Deploy"
service shop

rollout {
  stage one {
    step ship timeout 10m sh """
      printf 'pulled\nwaits: 10%%\rwaits: \033[1m90%%\033[0m'
      cat gate
      echo over
    """
  }
}

rollback {
  level back within 5m {
    step back $ true
  }
}
"#;

#[test]
fn what_a_step_printed_last_is_seen_while_it_runs_and_gone_behind_it() {
    let place = Place::new();
    place.write("deploy.runbook", FILE);
    moment::shut(&place.at("gate"));
    let words = ["run", "deploy.runbook"].map(str::to_owned);
    let (terminal, mut runner) = Terminal::start(&place, &words);
    let block = [
        "running",
        "  ship | pulled",
        "  ship | waits: 10%",
        "  ship | waits: 90%\r\x1b[3A",
    ];
    // The terminal itself adds a second return to the end of each line.
    terminal.has_shown(&block.join("\r\r\n"));
    moment::let_pass(&place.at("gate"));
    assert_eq!(terminal.until_end(&mut runner), Some(0));
    let shown = terminal.shown();
    let (_, behind) = shown.rsplit_once(" | ").expect(&shown);
    // The cursor is on the first of these lines, and all from there on is taken away before anything else is written.
    let (moved, rest) = behind.split_once("\x1b[3A\r\x1b[J").expect(&shown);
    assert_eq!(moved, "waits: 90%\r", "{shown}");
    assert!(rest.contains("done        ship"), "{shown}");
    assert!(!rest.contains("pulled"), "{shown}");
}
