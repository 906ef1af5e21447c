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

/// Everything that comes after `start`, by whatever way.
fn reached(graph: &Graph, start: OpIndex) -> SortedSet<OpIndex> {
    let (mut reached, mut next) = (SortedSet::new(), vec![start]);
    while let Some(op) = next.pop() {
        let new = graph.get(&op).into_iter().flatten().filter(|op| reached.insert(**op));
        next.extend(new.copied().collect::<Vec<_>>());
    }
    reached
}
