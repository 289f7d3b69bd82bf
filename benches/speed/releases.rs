//! Runbooks of fifty lines: what the releases of many services look like. Those of a kind differ in their names alone, as where a team copies a file;
//! the others in names, numbers and what they are made of. Each is made by its number.

/// A small generator of numbers: SplitMix64.
struct Dice(u64);

impl Dice {
    fn of(&mut self, range: std::ops::Range<u64>) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        range.start + (z ^ (z >> 31)) % (range.end - range.start)
    }
}

/// A runbook like the others but for its names: a service's own release with a guard, two stages and a way back.
pub(crate) fn alike(number: usize) -> String {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/benches/speed/release.runbook"
    ))
    .replace("NUMBER", &number.to_string());
    assert_eq!(text.lines().count(), 50, "a file of fifty lines");
    text
}

/// A runbook like no other.
pub(crate) fn distinct(number: usize) -> String {
    let mut dice = Dice(number as u64);
    let mut text = format!(
        "# Release {number} of many that are checked at once.\n\
         runbook \"Release {number}\"\n\
         service service-{number}\n\
         owner   \"@payments\"\n\
         param version: version\n\
         provider prom {{\n  prometheus \"https://prometheus.example.com\"\n}}\n\
         exposure share: percent {{\n\
         \x20 set  $ flagctl set release_{number} --percent \"$share\"\n\
         \x20 read $ flagctl get release_{number} --percent\n}}\n\
         metric error_rate: percent {{\n\
         \x20 query prom 'sum(rate(errors_total{{service=\"{number}\"}}[1m])) / sum(rate(requests_total[1m]))'\n\
         \x20 unit  ratio\n}}\n"
    );
    let mut put = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let (most, span) = (dice.of(4..10), dice.of(60..300));
    put(format!(
        "guard outage when error_rate > {most}% for {span}s then rollback"
    ));
    let minutes = dice.of(5..30);
    let action = match dice.of(0..6) {
        0 => "warn".to_owned(),
        1 => "hold".to_owned(),
        2 => format!("decide within {minutes}m else rollback"),
        3 => format!("decide within {minutes}m else continue"),
        4 => "rollback".to_owned(),
        _none => String::new(),
    };
    if !action.is_empty() {
        let (some, span) = (dice.of(1..4), dice.of(5..15));
        put(format!(
            "guard errors when error_rate > {some}% for {span}m then {action}"
        ));
    }
    put("rollout {\n  stage deploy {".to_owned());
    for part in 0..dice.of(0..3) {
        let timeout = dice.of(60..900);
        put(format!(
            "    step build_{part} timeout {timeout}s $ ./build.sh {part}"
        ));
    }
    let clause = match dice.of(0..4) {
        0 => format!(" retry {} every {}s", dice.of(1..4), dice.of(5..60)),
        1 => " idempotent".to_owned(),
        2 => " on failure hold".to_owned(),
        _none => String::new(),
    };
    let timeout = dice.of(60..900);
    put(format!(
        "    step deploy timeout {timeout}s{clause} $ ./deploy.sh \"$version\"\n  }}"
    ));
    let (share, least, more) = (dice.of(1..20), dice.of(60..300), dice.of(30..200));
    put(format!(
        "  stage canary {{\n    expose {share}%\n    wait {least}m..{}m\n  }}",
        least + more
    ));
    if dice.of(0..2) == 1 {
        let (share, least) = (dice.of(25..60), dice.of(100..500));
        put(format!(
            "  stage partial {{\n    expose {share}%\n    wait {least}m\n  }}"
        ));
    }
    let hours = dice.of(12..36);
    put(format!(
        "  stage full {{\n    expose 100%\n    wait {hours}h\n  }}\n}}"
    ));
    put("rollback {\n  level flag within 5m {\n    expose 0%\n  }".to_owned());
    if dice.of(0..2) == 1 {
        let (within, timeout) = (dice.of(10..30), dice.of(60..300));
        put(format!(
            "  level code within {within}m {{\n    step undeploy timeout {timeout}s $ ./undeploy.sh\n  }}"
        ));
    }
    let (least, span, within) = (dice.of(1..9), dice.of(30..60), dice.of(150..190));
    put(format!(
        "  recovered when error_rate < 0.{least}% for {span}s within {within}s\n}}"
    ));
    put(format!(
        "channel pager {{ log \"/var/log/rollouts/{number}.log\" }}\nif stuck {{\n  notify pager \"${{service}} is exposed and not recovered: ${{reason}}\"\n}}"
    ));
    for line in text.lines().count()..50 {
        text.push_str(&format!(
            "# What is known of it stands in the handbook, on page {line}.\n"
        ));
    }
    assert_eq!(text.lines().count(), 50, "a file of fifty lines");
    text
}
