//! Random clients of one group, some of them static, that join, sync, commit, fall silent and come back. Whatever they do, the
//! sentences of [`Clients::check`] hold. A failure is shrunk to the shortest list of deeds that shows it.

use super::broker_bench::{Bench, INITIAL_DELAY_MS, REBALANCE_MS, SESSION_MS, partition};
use catchup::broker::{
    CommitRequest, Generation, GroupError, GroupState, HeartbeatRequest, Joined, LeaveRequest, Leaving, MemberId,
    Membership, Request, Response, SyncRequest, Ticket,
};
use catchup::log::{Offset, TopicPartition};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many clients there are; the first of them are static.
const CLIENTS: usize = 5;
const INSTANCES: [&str; 2] = ["one", "two"];
const DEEDS_MAX: usize = 60;
/// A case takes microseconds, so that more are run than proptest would.
const CASES_FACTOR: u32 = 16;
/// The longest that a join waits for its answer: everyone has the same rebalance timeout.
const JOIN_MS_MAX: u64 = if REBALANCE_MS > INITIAL_DELAY_MS { REBALANCE_MS } else { INITIAL_DELAY_MS };

/// Something that a client does, or that time does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Join(usize),
    Sync(usize),
    Heartbeat(usize),
    Commit {
        client: usize,
        generations_ago: i32,
    },
    Leave(usize),
    /// It forgets everything, and starts anew.
    Crash(usize),
    Wait {
        ms: u64,
    },
}

/// What a client knows of itself.
#[derive(Clone, Debug, Default)]
struct Client {
    member: Option<MemberId>,
    joined: Option<Joined>,
    /// Its last join, if it is not answered yet, and when it asked.
    join: Option<(Ticket, u64)>,
    /// Its last sync, if it is not answered yet, and for which generation it asked.
    sync: Option<(Ticket, Generation)>,
}

struct Clients {
    bench: Bench,
    all: Vec<Client>,
    /// Who was given what: a static member is the same under all its ids.
    owners: BTreeMap<(Generation, TopicPartition), String>,
    generation: Generation,
    committed: Option<i64>,
    commits: i64,
}

impl Clients {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            all: vec![Client::default(); CLIENTS],
            owners: BTreeMap::new(),
            generation: Generation(0),
            committed: None,
            commits: 0,
        }
    }

    fn apply(&mut self, deed: Deed) {
        match deed {
            Deed::Join(client) => self.join(client),
            Deed::Sync(client) => self.sync(client),
            Deed::Heartbeat(client) => self.heartbeat(client),
            Deed::Commit { client, generations_ago } => self.commit(client, generations_ago),
            Deed::Leave(client) => self.leave(client),
            Deed::Crash(client) => self.all[client] = Client::default(),
            Deed::Wait { ms } => self.wait(ms),
        }
        self.hear();
        self.check();
    }

    fn join(&mut self, client: usize) {
        let member = self.all[client].member;
        let ticket = match INSTANCES.get(client) {
            Some(instance) => self.bench.join_static(instance, member),
            None => self.bench.join(member),
        };
        self.all[client].join = Some((ticket, self.bench.now_ms()));
        self.all[client].sync = None;
    }

    /// Asks for the assignment; a leader gives every member some of six partitions, and none to two of them.
    fn sync(&mut self, client: usize) {
        let Some(joined) = self.all[client].joined.clone() else { return };
        let count = joined.members.len();
        let parts = |place: usize| (0..6).filter(move |part| *part as usize % count == place).map(partition);
        let assignments: Vec<(MemberId, Arc<[TopicPartition]>)> = if joined.skip_assignment {
            Vec::new()
        } else {
            let members = joined.members.iter().enumerate();
            members.map(|(place, member)| (member.member, parts(place).collect())).collect()
        };
        let membership = self.membership(client, joined.member, joined.generation);
        let ticket = self.bench.ask(Request::SyncGroup(SyncRequest { membership, assignments }));
        self.all[client].sync = Some((ticket, joined.generation));
    }

    fn heartbeat(&mut self, client: usize) {
        let Some(joined) = self.all[client].joined.clone() else { return };
        let membership = self.membership(client, joined.member, joined.generation);
        self.bench.ask(Request::Heartbeat(HeartbeatRequest { membership }));
    }

    fn commit(&mut self, client: usize, generations_ago: i32) {
        let Some(joined) = self.all[client].joined.clone() else { return };
        // Never -1, with which an empty group takes commits from anybody.
        let generation = Generation((joined.generation.0 - generations_ago).max(0));
        let membership = Some(self.membership(client, joined.member, generation));
        self.commits += 1;
        let (group, offsets) = (self.bench.group, vec![(partition(0), Offset(self.commits).into())]);
        let ticket = self.bench.ask(Request::OffsetCommit(CommitRequest { group, membership, offsets }));
        let Some(Response::OffsetCommit(answer)) = self.bench.answer(ticket) else { panic!("it is answered at once") };
        let group = self.bench.broker.group(self.bench.group);
        let is_present = group.generation() == generation && group.members().contains_key(&joined.member);
        let is_taken = matches!(group.state(), GroupState::Stable | GroupState::PreparingRebalance);
        assert_eq!(answer.is_ok(), is_present && is_taken, "OnlyThePresentGenerationCommits: {answer:?}");
        if answer.is_ok() {
            self.committed = Some(self.commits);
        }
    }

    fn leave(&mut self, client: usize) {
        let instance = INSTANCES.get(client).map(|instance| Arc::from(*instance));
        let leaving = Leaving { member: self.all[client].member, instance };
        self.bench.ask(Request::LeaveGroup(LeaveRequest { group: self.bench.group, members: vec![leaving] }));
        self.all[client].joined = None;
    }

    /// Time passes in steps no longer than what lies between two looks at what is overdue.
    fn wait(&mut self, ms: u64) {
        self.bench.go_to(self.bench.now_ms() + ms);
    }

    fn membership(&self, client: usize, member: MemberId, generation: Generation) -> Membership {
        let instance = INSTANCES.get(client).map(|instance| Arc::from(*instance));
        Membership { instance, generation, ..self.bench.membership(member, 0) }
    }

    /// Takes the answers that have come.
    fn hear(&mut self) {
        for client in 0..CLIENTS {
            if let Some((ticket, _)) = self.all[client].join {
                self.hear_join(client, ticket);
            }
            if let Some((ticket, generation)) = self.all[client].sync {
                self.hear_sync(client, ticket, generation);
            }
        }
    }

    fn hear_join(&mut self, client: usize, ticket: Ticket) {
        if self.bench.answer(ticket).is_none() {
            return;
        }
        let answer = self.bench.join_answer(ticket);
        let client = &mut self.all[client];
        client.join = None;
        client.member = match &answer {
            Ok(joined) => Some(joined.member),
            Err(GroupError::UnknownMemberId | GroupError::FencedInstanceId) => None,
            Err(error) => panic!("{error}"),
        };
        client.joined = answer.ok();
    }

    fn hear_sync(&mut self, client: usize, ticket: Ticket, generation: Generation) {
        let Some(Response::SyncGroup(answer)) = self.bench.answer(ticket) else { return };
        let owner = INSTANCES.get(client).map_or_else(|| format!("{:?}", self.all[client].member), |it| (*it).into());
        for part in answer.iter().flat_map(|parts| parts.iter()) {
            let other = self.owners.insert((generation, *part), owner.clone());
            assert!(other.is_none_or(|other| other == owner), "OneOwnerInAGeneration: {part:?} in {generation:?}");
        }
        self.all[client].sync = None;
    }

    fn check(&mut self) {
        let group = self.bench.broker.group(self.bench.group);
        assert!(group.generation() >= self.generation, "GenerationsOnlyGrow");
        self.generation = group.generation();
        let given: Vec<TopicPartition> =
            group.members().values().flat_map(|member| member.assignment().iter().copied()).collect();
        let distinct: BTreeSet<_> = given.iter().collect();
        assert!(
            group.state() != GroupState::Stable || distinct.len() == given.len(),
            "OneOwnerInAGeneration: {given:?}"
        );
        let now_ms = self.bench.now_ms();
        for (client, since_ms) in self.all.iter().filter_map(|client| Some((client, client.join?.1))) {
            assert!(
                now_ms <= since_ms + JOIN_MS_MAX,
                "EveryJoinIsAnswered: {client:?} asked at {since_ms}, now {now_ms}"
            );
        }
        assert_eq!(self.bench.committed(), self.committed, "OnlyWhatWasGrantedIsCommitted");
    }

    /// When everyone has fallen silent for long enough, nobody is a member.
    fn fall_silent(&mut self) {
        self.wait(JOIN_MS_MAX);
        self.hear();
        self.check();
        self.wait(2 * (REBALANCE_MS + SESSION_MS));
        let group = self.bench.broker.group(self.bench.group);
        assert_eq!((group.state(), group.members().len()), (GroupState::Empty, 0), "TheSilentAreForgotten");
    }
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let client = || 0..CLIENTS;
    prop_oneof![
        4 => client().prop_map(Deed::Join),
        4 => client().prop_map(Deed::Sync),
        2 => client().prop_map(Deed::Heartbeat),
        2 => (client(), 0..3).prop_map(|(client, generations_ago)| Deed::Commit { client, generations_ago }),
        1 => client().prop_map(Deed::Leave),
        1 => client().prop_map(Deed::Crash),
        3 => (0..4_000u64).prop_map(|ms| Deed::Wait { ms }),
    ]
}

fn many_cases() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.saturating_mul(CASES_FACTOR), failure_persistence: None, ..config }
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn whatever_members_do_their_group_stays_sound(deeds in vec(any_deed(), 0..DEEDS_MAX)) {
        let mut clients = Clients::new();
        for deed in deeds {
            clients.apply(deed);
        }
        clients.fall_silent();
    }
}
