//! Operations that come both before and after each other.

use super::anomaly::Anomaly;
use super::op::{Op, OpIndex};
use super::view::View;
use crate::sorted::{SortedMap, SortedSet};

/// Which operations come right after which.
type Graph = SortedMap<OpIndex, SortedSet<OpIndex>>;

/// Write cycles, by the order of what was sent alone; and circular flows of information, by who has read what of whom.
pub(super) fn of_transactions(view: &View<'_>) -> Vec<Anomaly> {
    let writes = cycles(&after_writes(view)).into_iter().map(Anomaly::WriteCycle);
    let flows = cycles(&after_reads(view)).into_iter().map(Anomaly::CircularInformationFlow);
    writes.chain(flows).collect()
}

/// From the writer of a value to the writer of the one behind it.
fn after_writes(view: &View<'_>) -> Graph {
    let mut graph = Graph::new();
    for ((log, value), writer) in view.writers.iter().filter(|(_, writer)| view.is_committed(writer)) {
        let before = view.orders.get(log).and_then(|order| order.previous(*value));
        let before = before.and_then(|value| view.writers.get(&(*log, value)));
        link(&mut graph, before.copied(), writer);
    }
    graph
}

/// From the writer of a value to whoever has polled it as the last of its log.
fn after_reads(view: &View<'_>) -> Graph {
    let mut graph = Graph::new();
    for reader in view.ended().filter(|op| view.is_committed(op)) {
        for (log, values) in reader.polled() {
            let Some(order) = view.orders.get(&log) else { continue };
            let last = values.into_iter().max_by_key(|value| order.first(*value));
            let writer = last.and_then(|value| view.writers.get(&(log, value)));
            link(&mut graph, writer.copied(), reader);
        }
    }
    graph
}

fn link(graph: &mut Graph, before: Option<&Op>, after: &Op) {
    if let Some(before) = before.filter(|before| before.index != after.index) {
        graph.entry(before.index).or_default().insert(after.index);
    }
}

/// The sets of operations each of which comes after all others of its set.
fn cycles(graph: &Graph) -> Vec<Vec<OpIndex>> {
    let graph = &without_beginnings(graph);
    let mut found: Vec<Vec<OpIndex>> = Vec::new();
    for start in graph.keys() {
        if found.iter().any(|cycle| cycle.contains(start)) {
            continue;
        }
        let after = reached(graph, *start);
        let cycle: Vec<_> = after.iter().copied().filter(|op| reached(graph, *op).contains(start)).collect();
        if cycle.len() > 1 {
            found.push(cycle);
        }
    }
    found
}

/// What is left when the operations that come after none are taken away, and then those that come after none of the rest, and so on:
/// nothing, if there is no cycle.
fn without_beginnings(graph: &Graph) -> Graph {
    let mut befores: SortedMap<OpIndex, usize> = graph.keys().map(|op| (*op, 0)).collect();
    for after in graph.values().flatten() {
        *befores.entry(*after).or_default() += 1;
    }
    let mut beginnings: Vec<OpIndex> = befores.iter().filter(|(_, count)| **count == 0).map(|(op, _)| *op).collect();
    while let Some(op) = beginnings.pop() {
        for after in graph.get(&op).into_iter().flatten() {
            let count = befores.entry(*after).or_default();
            *count -= 1;
            if *count == 0 {
                beginnings.push(*after);
            }
        }
    }
    let is_left = |op: &OpIndex| befores.get(op).is_some_and(|count| *count > 0);
    graph.iter().filter(|(op, _)| is_left(op)).map(|(op, after)| (*op, after.clone())).collect()
}

/// Everything that comes after `start`, by whatever way.
fn reached(graph: &Graph, start: OpIndex) -> SortedSet<OpIndex> {
    let (mut reached, mut next) = (SortedSet::new(), vec![start]);
    while let Some(op) = next.pop() {
        let new = graph.get(&op).into_iter().flatten().filter(|op| reached.insert(**op));
        next.extend(new.copied().collect::<Vec<_>>());
    }
    reached
}
