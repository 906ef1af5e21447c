//! The areas `assignor_sticky` and `assignor_cooperative_sticky`: rounds in which members come with what they have. What is
//! asserted are properties, since there are other assignments as good as Kafka's.

use super::Case;
use super::assignor::{Assignment, Participant, Tp, assign, assignment_of, assignor, sizes};
use super::case::{Checked, same, unknown_expectation};
use catchup::client::Assignor;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A cooperative round that has not settled after so many runs never will.
const RUNS_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    assignor: String,
    rounds: Vec<Round>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Round {
    topics: BTreeMap<String, u32>,
    members: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    #[serde(rename = "member_id")]
    id: String,
    topics: Vec<String>,
    owned: Vec<Tp>,
    generation: i32,
    owned_from_previous_round: bool,
}

/// What came of a round.
struct Outcome<'a> {
    topics: &'a BTreeMap<String, u32>,
    /// The members as they came.
    before: Vec<Participant>,
    first_run: Assignment,
    assignment: Assignment,
    /// Whether no run took a partition from one member and gave it to another.
    takes_before_it_gives: bool,
}

pub(super) fn check(case: &Case) -> Checked {
    let rounds = rounds_of(case)?;
    let input: Input = case.input()?;
    let mut previous = Assignment::new();
    for (index, (round, expect)) in input.rounds.iter().zip(rounds).enumerate() {
        let outcome = outcome(assignor(&input.assignor)?, round, &previous)?;
        check_round(&outcome, expect).map_err(|difference| format!("round {index}: {difference}"))?;
        previous = outcome.assignment;
    }
    Ok(())
}

/// Whether every round ends with Kafka's own choice, so far as the case tells it.
pub(super) fn is_kafkas_choice(case: &Case) -> Result<bool, String> {
    let rounds = rounds_of(case)?;
    let input: Input = case.input()?;
    let mut previous = Assignment::new();
    for (round, expect) in input.rounds.iter().zip(rounds) {
        let outcome = outcome(assignor(&input.assignor)?, round, &previous)?;
        if let Some(kafkas) = expect.get("kafka_assignment")
            && assignment_of(kafkas)? != outcome.assignment
        {
            return Ok(false);
        }
        previous = outcome.assignment;
    }
    Ok(true)
}

fn rounds_of(case: &Case) -> Result<Vec<&Map<String, Value>>, String> {
    if case.kind != "assign_rounds" {
        return Err(case.unknown_kind().err().unwrap_or_default());
    }
    let input: Input = case.input()?;
    let (Some(Value::Array(rounds)), 1) = (case.expect().get("rounds"), case.expect().len()) else {
        return Err("a case expects `rounds`, and nothing else".to_owned());
    };
    if rounds.len() != input.rounds.len() {
        return Err(format!("{} expectations for {} rounds", rounds.len(), input.rounds.len()));
    }
    rounds.iter().map(|round| round.as_object().ok_or_else(|| format!("{round} is no map"))).collect()
}

/// Runs the assignor once; the cooperative one until nobody has to give anything up.
fn outcome<'a>(assignor: Assignor, round: &'a Round, previous: &Assignment) -> Result<Outcome<'a>, String> {
    let before: Vec<Participant> = round.members.iter().map(|member| participant(member, previous)).collect();
    let mut outcome = Outcome {
        topics: &round.topics,
        first_run: assign(assignor, &before, &round.topics),
        assignment: Assignment::new(),
        before,
        takes_before_it_gives: true,
    };
    let mut members = outcome.before.clone();
    for _ in 0..RUNS_MAX {
        outcome.assignment = assign(assignor, &members, &round.topics);
        outcome.takes_before_it_gives &= takes_before_it_gives(&members, &outcome.assignment);
        let gives_up = takes_something(&members, &outcome.assignment);
        if !(assignor.is_cooperative() && gives_up) {
            return Ok(outcome);
        }
        for member in &mut members {
            member.owned = outcome.assignment[&member.id].clone();
            member.generation = 1;
        }
    }
    Err(format!("after {RUNS_MAX} runs somebody still has to give something up"))
}

fn participant(member: &Member, previous: &Assignment) -> Participant {
    let kept = previous.get(&member.id).filter(|_| member.owned_from_previous_round);
    Participant {
        id: member.id.clone(),
        instance: None,
        topics: member.topics.clone(),
        owned: kept.cloned().unwrap_or_else(|| member.owned.iter().cloned().collect()),
        generation: member.generation,
    }
}

fn takes_something(members: &[Participant], assignment: &Assignment) -> bool {
    members.iter().any(|member| !member.owned.is_subset(&assignment[&member.id]))
}

fn takes_before_it_gives(members: &[Participant], assignment: &Assignment) -> bool {
    let taken = |member: &Participant| member.owned.difference(&assignment[&member.id]).cloned().collect::<Vec<_>>();
    let taken: BTreeSet<Tp> = members.iter().flat_map(taken).collect();
    let gets_taken =
        |member: &Participant| assignment[&member.id].difference(&member.owned).any(|it| taken.contains(it));
    !members.iter().any(gets_taken)
}

fn check_round(outcome: &Outcome<'_>, expect: &Map<String, Value>) -> Checked {
    let mut sorted: Vec<usize> = outcome.assignment.values().map(BTreeSet::len).collect();
    sorted.sort_unstable();
    let is_even = sorted.last().is_none_or(|largest| largest - sorted[0] <= 1);
    expect.iter().try_for_each(|(key, expected)| match key.as_str() {
        "valid_and_balanced" => {
            outcome.check_validity()?;
            same(key, &json!(outcome.is_balanced()), expected)
        }
        "fully_balanced" => same(key, &json!(is_even), expected),
        "balance_score" => same(key, &json!(balance_score(&sorted)), expected),
        "sizes_sorted" => same(key, &json!(sorted), expected),
        "sizes" => same(key, &json!(sizes(&outcome.assignment)), expected),
        "per_topic_per_member" => outcome.check_per_topic(&read(expected)?),
        "must_have" => outcome.check_must_have(&assignment_of(expected)?),
        "retained_min" => outcome.check_retained(read(expected)?),
        "members_keeping_all_owned" => outcome.check_members(key, expected, BTreeSet::is_subset),
        "members_with_only_owned" => outcome.check_members(key, expected, BTreeSet::is_superset),
        "no_partition_added_while_revoked" => same(key, &json!(outcome.takes_before_it_gives), expected),
        "needs_followup_rebalance" => same(key, &json!(takes_something(&outcome.before, &outcome.first_run)), expected),
        "kafka_assignment"
        | "kafka_first_round_assignment"
        | "kafka_transferring"
        | "kafka_reference"
        | "franz_go_reference"
        | "note"
        | "rule" => Ok(()),
        _ => unknown_expectation(key),
    })
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

/// The sum of the differences of all pairs.
fn balance_score(sorted: &[usize]) -> usize {
    sorted.iter().enumerate().flat_map(|(index, size)| sorted[..index].iter().map(move |other| size - other)).sum()
}

impl Outcome<'_> {
    /// Every partition that somebody wants is with exactly one who wants it, and nothing else is with anybody.
    fn check_validity(&self) -> Checked {
        let mut owners: BTreeMap<&Tp, &str> = BTreeMap::new();
        for member in &self.before {
            for partition in &self.assignment[&member.id] {
                let exists = self.topics.get(&partition.0).is_some_and(|count| partition.1 < *count);
                if !exists || !member.topics.contains(&partition.0) {
                    return Err(format!("{} has {partition:?}, which it does not want", member.id));
                }
                if let Some(other) = owners.insert(partition, &member.id) {
                    return Err(format!("both {other} and {} have {partition:?}", member.id));
                }
            }
        }
        let is_wanted = |topic: &&String| self.before.iter().any(|member| member.topics.contains(topic));
        let wanted: u32 = self.topics.iter().filter(|(topic, _)| is_wanted(topic)).map(|(_, count)| *count).sum();
        same("the number of assigned partitions", &json!(owners.len()), &json!(wanted))
    }

    /// Whether no two members whose shares differ by more than 1 have partitions of the same topic.
    fn is_balanced(&self) -> bool {
        let topics = |share: &BTreeSet<Tp>| share.iter().map(|(topic, _)| topic.clone()).collect::<BTreeSet<_>>();
        let shares: Vec<_> = self.assignment.values().map(|share| (share.len(), topics(share))).collect();
        let is_fair = |(size, topics): &(usize, BTreeSet<String>)| {
            shares.iter().all(|(other, others)| size.abs_diff(*other) <= 1 || topics.is_disjoint(others))
        };
        shares.iter().all(is_fair)
    }

    fn check_per_topic(&self, expected: &BTreeMap<String, usize>) -> Checked {
        for (member, share) in &self.assignment {
            for (topic, count) in expected {
                let found = share.iter().filter(|(name, _)| name == topic).count();
                same(&format!("the number of partitions of {topic} of {member}"), &json!(found), &json!(count))?;
            }
        }
        Ok(())
    }

    fn check_must_have(&self, expected: &Assignment) -> Checked {
        let lacks = |(member, share): &(&String, &BTreeSet<Tp>)| {
            self.assignment.get(*member).is_none_or(|found| !share.is_subset(found))
        };
        match expected.iter().find(lacks) {
            Some((member, share)) => Err(format!("{member} has {:?}, expected {share:?}", self.assignment.get(member))),
            None => Ok(()),
        }
    }

    fn check_retained(&self, minimum: usize) -> Checked {
        let kept = |member: &Participant| member.owned.intersection(&self.assignment[&member.id]).count();
        let kept: usize = self.before.iter().map(kept).sum();
        if kept >= minimum { Ok(()) } else { Err(format!("{kept} partitions stay, expected {minimum} at the least")) }
    }

    /// Checks, of the members in `expected`, what each has before and after.
    fn check_members(
        &self,
        key: &str,
        expected: &Value,
        holds: impl Fn(&BTreeSet<Tp>, &BTreeSet<Tp>) -> bool,
    ) -> Checked {
        for id in read::<Vec<String>>(expected)? {
            let member = self.before.iter().find(|member| member.id == id).ok_or(format!("there is no {id}"))?;
            let share = &self.assignment[&id];
            if !holds(&member.owned, share) {
                return Err(format!("{key}: {id} had {:?} and has {share:?}", member.owned));
            }
        }
        Ok(())
    }
}
