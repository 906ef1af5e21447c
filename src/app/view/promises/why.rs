//! Why a promise is made or not, as a service is set, and by what it was broken: sentences.

use crate::app::Model;
use crate::app::proof::Judged;
use crate::app::view::ledger::reason;
use crate::broker::Acks;
use crate::check::What;
use crate::check::history::Check;
use crate::check::promises::{Breach, Cause, Promise};
use crate::client::{AutoOffsetReset, ProducerConfig};
use crate::sim::{CommitPolicy, OnFailure, ReadConfig, Resent, ServiceId};
use std::borrow::Cow;

/// What is promised.
pub(super) fn sentence(promise: Promise, model: &Model) -> Cow<'static, str> {
    match promise {
        Promise::NothingIsLost => "No update is lost".into(),
        Promise::NothingTwice => "No update is processed twice".into(),
        Promise::InOrder => {
            format!("The updates of one {} are processed in their order", model.scenario().entity.0).into()
        }
        Promise::NoneLeftOut => "Each partition is read record by record, and none is skipped".into(),
        Promise::CommittedReads => "Records of open or aborted transactions are not read".into(),
        Promise::OffsetsGoForward => "Committed offsets never go back, unless somebody seeks".into(),
        Promise::OneOwner => "Each partition has one owner in the group".into(),
        Promise::AcknowledgedIsThere => "What was acknowledged is in the log".into(),
        Promise::RetriedOnce => "A retry of the producer writes nothing twice".into(),
        Promise::WrittenOnce => "No update is in the log twice".into(),
        Promise::SentInOrder => "Each partition holds what is sent in the order of sending".into(),
    }
}

/// Why a promise is made.
pub(super) fn why_made(model: &Model, judged: &Judged) -> &'static str {
    let world = model.world();
    match judged.promise {
        Promise::NothingIsLost => {
            "It commits only what it has processed or put aside, as long as nobody is away for longer than retention keeps records."
        }
        Promise::NothingTwice => world.config_of(judged.service).map_or("", why_nothing_twice),
        Promise::InOrder => "It works on one record of a partition at a time, and goes on only when that is done.",
        Promise::NoneLeftOut => "A consumer continues where it was, or where its group has committed.",
        Promise::CommittedReads => "isolation.level is read_committed with commit_policy exactly_once.",
        Promise::OffsetsGoForward => "The coordinator accepts commits from current members only.",
        Promise::OneOwner => "The assignor gives each partition to one member of a generation.",
        Promise::AcknowledgedIsThere if is_replicated(model, judged.service) => {
            "acks is all: the producer waits until every replica in sync has it, and only one of those can lead."
        }
        Promise::AcknowledgedIsThere => {
            "There is one replica of each partition, and the producer waits until that has it."
        }
        Promise::RetriedOnce => {
            "enable.idempotence: records are numbered, and the log knows one again that the same producer sends again."
        }
        Promise::WrittenOnce => "",
        Promise::SentInOrder => world.write_config_of(judged.service).map_or("", why_in_order),
    }
}

const fn why_nothing_twice(config: &ReadConfig) -> &'static str {
    if config.deduplicate {
        return "It remembers its work (deduplicate), and leaves out what it is given again.";
    }
    match config.commit_policy {
        CommitPolicy::ExactlyOnce => {
            "One transaction holds what it publishes and its offsets (commit_policy exactly_once). Nothing else: what is to happen once outside \
             Kafka, such as a text or a charge, has to be done by who reads that output with read_committed."
        }
        CommitPolicy::BeforeProcessing | CommitPolicy::AfterProcessing | CommitPolicy::Auto => {
            "It commits before the work (commit_policy before_processing), so that nothing it has begun is delivered again."
        }
    }
}

const fn why_in_order(config: &ProducerConfig) -> &'static str {
    if config.idempotence {
        "enable.idempotence: records are numbered, and the log takes them in the order of their numbers."
    } else if config.in_flight_max == 1 {
        "max.in.flight.requests.per.connection is 1: nothing is sent before what came before it is answered."
    } else {
        "retries is 0: nothing is sent again, so nothing comes behind what was sent later."
    }
}

/// Why a promise is not made: what is set that takes it back.
pub(super) fn why_not_made(model: &Model, judged: &Judged) -> String {
    let world = model.world();
    let of_reader = |reasons: fn(&ReadConfig) -> [Option<&'static str>; 3]| {
        let reasons = world.config_of(judged.service).map(reasons).unwrap_or_default();
        reasons.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    match judged.promise {
        Promise::NothingIsLost => of_reader(what_loses),
        Promise::NothingTwice => of_reader(what_repeats),
        Promise::InOrder => of_reader(what_disorders),
        Promise::NoneLeftOut => "auto.offset.reset is latest: a new group skips what was there before.".to_owned(),
        Promise::CommittedReads => {
            "isolation.level is read_uncommitted: it also reads what a transaction may still abort.".to_owned()
        }
        Promise::OffsetsGoForward | Promise::OneOwner => String::new(),
        Promise::AcknowledgedIsThere => why_not_there(world.write_config_of(judged.service)).to_owned(),
        Promise::RetriedOnce => {
            "enable.idempotence is off: what its producer sends again after a timeout may be there twice.".to_owned()
        }
        Promise::WrittenOnce => WRITTEN_AGAIN.to_owned(),
        Promise::SentInOrder => {
            "enable.idempotence is off and several requests are under way: one that is sent again comes behind the others."
                .to_owned()
        }
    }
}

const WRITTEN_AGAIN: &str = "No producer can promise it alone: what the service itself sends again, after a restart or once \
                             delivery.timeout.ms is over, is a new record, and the first may be there. Two ways out: who reads it remembers its work \
                             (deduplicate); or who sends it reads it from a topic, and has output and offsets in one transaction (a transactional.id).";

fn what_loses(config: &ReadConfig) -> [Option<&'static str>; 3] {
    [
        (config.commit_policy == CommitPolicy::BeforeProcessing).then_some(
            "It commits before the work (commit_policy before_processing), so a crash loses what was not yet done.",
        ),
        (config.on_failure == OnFailure::Skip).then_some("It leaves out what it fails on (on_failure skip)."),
        (config.auto_offset_reset == AutoOffsetReset::Latest)
            .then_some("Without a committed offset it begins at the end of the log (auto.offset.reset latest)."),
    ]
}

fn what_repeats(config: &ReadConfig) -> [Option<&'static str>; 3] {
    let commits = match config.commit_policy {
        CommitPolicy::AfterProcessing => Some(
            "It commits after the work (commit_policy after_processing), so a crash repeats what was not yet committed.",
        ),
        CommitPolicy::Auto => Some(
            "It commits from time to time by itself (commit_policy auto), so a crash repeats what came since the last time.",
        ),
        CommitPolicy::BeforeProcessing | CommitPolicy::ExactlyOnce => None,
    };
    let aside = commits.is_none().then(|| puts_aside(config)).flatten();
    [commits, aside.map(|()| "What it puts aside when it fails is a record of its own, and may be there twice."), None]
}

fn what_disorders(config: &ReadConfig) -> [Option<&'static str>; 3] {
    let commits_first = config.commit_policy == CommitPolicy::BeforeProcessing;
    [
        commits_first.then_some(
            "It commits before the work (commit_policy before_processing), so another instance may go on behind what it still has in hand.",
        ),
        puts_aside(config).map(|()| "What it puts aside when it fails is processed later than what lies behind it."),
        None,
    ]
}

fn puts_aside(config: &ReadConfig) -> Option<()> {
    matches!(config.on_failure, OnFailure::RetryTopic | OnFailure::DeadLetter).then_some(())
}

fn why_not_there(config: Option<&ProducerConfig>) -> &'static str {
    match config.map(|config| config.acks) {
        Some(Acks::Zero) => "acks is 0: the producer counts as written what it has sent, and asks nobody.",
        Some(Acks::One) => "acks is 1: a replica can come to lead that does not have it yet.",
        Some(Acks::All) | None => "unclean.leader.election.enable: a replica can come to lead that is not in sync.",
    }
}

fn is_replicated(model: &Model, service: ServiceId) -> bool {
    let world = model.world();
    let topic = world.service_spec(service).publishes.as_ref().map(|it| world.broker().topic(it.topic));
    topic.is_some_and(|topic| topic.replicas().iter().any(|replicas| replicas.assigned().len() > 1))
}

/// By what a promise was broken.
pub(super) fn cause(breach: &Breach) -> Cow<'static, str> {
    let text = match breach.cause {
        Cause::Lost(why) => reason(What::Lost(why)),
        Cause::Again(why) => reason(What::Again(why)),
        Cause::Overtaken => "processed for the first time after a later one of the same key",
        Cause::Uncommitted => "read although its transaction was aborted, or is still open",
        Cause::WentBack => "committed although the group had committed a later offset",
        Cause::TwoOwners => "two members were given the partition in one generation",
        Cause::NeverWritten => "counted as written when it was sent (acks is 0), and never came into the log",
        Cause::NotThere => "acknowledged, and something else is there, or nothing",
        Cause::WrittenBefore { first, why } => {
            let why = match why {
                None => "its producer has written it again with a retry",
                Some(Resent::Restarted) => {
                    "the service was restarted before it heard of the first, and its new producer has another id"
                }
                Some(Resent::GivenUp) => {
                    "its producer gave up the first without knowing that it was written (TimeoutException), and it was sent anew"
                }
            };
            let (partition, first) = (first.partition.partition, first.offset);
            return format!("offset {} holds what offset {first} of partition {partition} does: {why}", breach.offset)
                .into();
        }
        Cause::Found(check) => found(check),
    };
    text.into()
}

const fn found(check: Check) -> &'static str {
    match check {
        Check::LostWrite => "nobody polled it, although somebody polled what lies behind it (Jepsen: lost-write)",
        Check::Duplicate => "the same batch is in the log twice (Jepsen: duplicate)",
        Check::InconsistentOffsets => "two records were seen at one offset (Jepsen: inconsistent-offsets)",
        Check::PollSkip => "the poll before ended earlier (Jepsen: poll-skip)",
        Check::NonmonotonicPoll => "the poll before had it already (Jepsen: nonmonotonic-poll)",
        Check::IntPollSkip => "a poll left it out (Jepsen: int-poll-skip)",
        Check::IntNonmonotonicPoll => "a poll went back to it (Jepsen: int-nonmonotonic-poll)",
        Check::NonmonotonicSend => "something that was sent later lies before it (Jepsen: nonmonotonic-send)",
        Check::AbortedRead
        | Check::IntNonmonotonicSend
        | Check::IntSendSkip
        | Check::PrecommittedRead
        | Check::Unseen
        | Check::WriteCycle
        | Check::CircularInformationFlow
        | Check::WorstRealtimeLag
        | Check::AbortRewind => "a check over the history found it",
    }
}
