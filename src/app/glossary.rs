//! The words of the page that not everybody knows, each in one sentence. They are Kafka's own words, so that whoever has
//! learnt them here finds them again in its documentation.

/// A word that the page explains where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// What topics are.
    Topic,
    /// What partitions are.
    Partition,
    /// What offsets are.
    Offset,
    /// What lag is.
    Lag,
    /// What a consumer group is.
    Group,
    /// What an instance is.
    Instance,
    /// What the generation of a group is.
    Generation,
    /// What the members of a group are.
    Members,
    /// How old the oldest unread record is.
    Oldest,
    /// What a poison record is.
    Poison,
    /// What decides random things.
    Seed,
    /// What a dead letter is.
    DeadLetter,
    /// What a promise is.
    Promise,
    /// What a broker is.
    Broker,
    /// What leads a partition.
    Leader,
    /// Which replicas are in sync.
    InSync,
    /// What coordinates a group.
    Coordinator,
    /// What segments are.
    Segment,
    /// What compaction is.
    Compaction,
    /// What a tombstone is.
    Tombstone,
    /// What an assignor is.
    Assignor,
    /// Why a group lags: what it has processed is not committed.
    Processed,
    /// Why a group lags: nobody may read it yet.
    Replicating,
    /// Why a group lags: it is deleted.
    Deleted,
    /// Why a group lags: there are only the marks of transactions.
    Markers,
    /// What is lost.
    Lost,
    /// What is processed again.
    Again,
}

impl Term {
    /// Every word, in no particular order.
    pub const ALL: [Self; 27] = [
        Self::Topic,
        Self::Partition,
        Self::Offset,
        Self::Lag,
        Self::Group,
        Self::Instance,
        Self::Generation,
        Self::Members,
        Self::Oldest,
        Self::Poison,
        Self::Seed,
        Self::DeadLetter,
        Self::Promise,
        Self::Broker,
        Self::Leader,
        Self::InSync,
        Self::Coordinator,
        Self::Segment,
        Self::Compaction,
        Self::Tombstone,
        Self::Assignor,
        Self::Processed,
        Self::Replicating,
        Self::Deleted,
        Self::Markers,
        Self::Lost,
        Self::Again,
    ];

    /// The word as an identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Topic => "word-topic",
            Self::Partition => "word-partition",
            Self::Offset => "word-offset",
            Self::Lag => "word-lag",
            Self::Group => "word-group",
            Self::Instance => "word-instance",
            Self::Generation => "word-generation",
            Self::Members => "word-members",
            Self::Oldest => "word-oldest",
            Self::Poison => "word-poison",
            Self::Seed => "word-seed",
            Self::DeadLetter => "word-dead-letter",
            Self::Promise => "word-promise",
            Self::Broker => "word-broker",
            Self::Leader => "word-leader",
            Self::InSync => "word-in-sync",
            Self::Coordinator => "word-coordinator",
            Self::Segment => "word-segment",
            Self::Compaction => "word-compaction",
            Self::Tombstone => "word-tombstone",
            Self::Assignor => "word-assignor",
            Self::Processed => "word-processed",
            Self::Replicating => "word-replicating",
            Self::Deleted => "word-deleted",
            Self::Markers => "word-markers",
            Self::Lost => "word-lost",
            Self::Again => "word-again",
        }
    }

    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Topic => {
                "A topic is a named log that services write records to and read them from; reading removes nothing."
            }
            Self::Partition => {
                "A topic is split into partitions, so that several instances can share the work; within one, records keep their order."
            }
            Self::Offset => {
                "An offset is the number of a record in its partition: 0, 1, 2 and so on; it never changes, and only what an election cut off is numbered anew."
            }
            Self::Lag => {
                "Lag is the log end offset minus the committed offset, so a record that is processed counts until its offset is committed."
            }
            Self::Group => {
                "The instances of one service form a consumer group: they share the partitions, and the group remembers how far it has read."
            }
            Self::Instance => {
                "An instance is one running copy of a service; several of them share the partitions and the work."
            }
            Self::Generation => {
                "The generation rises with each rebalance, which divides the partitions anew, and when the last member leaves; a commit from an older generation is refused."
            }
            Self::Members => {
                "Members are the instances of a service that the group currently divides its partitions among."
            }
            Self::Oldest => {
                "How long the oldest record has been in the log that is not committed; a word there says why there is lag though nothing waits."
            }
            Self::Poison => {
                "A poison record (poison pill) is one that its reader cannot process: it fails every time, until the reader is fixed or the record is skipped."
            }
            Self::Seed => {
                "The seed decides every random thing: the same seed and the same actions give exactly the same run."
            }
            Self::DeadLetter => {
                "A copy of a record that keeps failing is put into a dead letter topic, and the reader goes on with the others."
            }
            Self::Promise => {
                "What the settings of a service allow it to guarantee, such as that no update is lost or that order is kept."
            }
            Self::Broker => {
                "A broker is a server that stores partitions; each partition is stored on several of them, as replicas."
            }
            Self::Leader => {
                "Everything in a partition is written to, and by default read from, one broker, its leader; the others copy it, and one of them takes over if it fails."
            }
            Self::InSync => {
                "A replica is in sync (in the ISR) while it has caught up with its leader within replica.lag.time.max.ms; what was acknowledged with acks=all is on every one of them, so any can take over without losing it."
            }
            Self::Coordinator => {
                "The coordinator of a group is the broker that knows its members and stores their committed offsets; if it fails, another takes over."
            }
            Self::Segment => {
                "A partition is stored as a row of files, its segments; only the last one is written to, and old ones are deleted whole."
            }
            Self::Compaction => {
                "Compaction keeps the last record of each key and removes those that it replaces; what stays keeps its offset."
            }
            Self::Tombstone => {
                "A tombstone is a record with a key and no value: it says that the key is deleted, and is itself removed after delete.retention.ms."
            }
            Self::Assignor => {
                "An assignor divides the partitions among the members of a group: an eager one takes all of them back first, a cooperative one only those that move."
            }
            Self::Processed => {
                "Everything is processed, and only the commit is outstanding: until then it counts as lag."
            }
            Self::Replicating => "What is new is not on all in-sync replicas yet, so nobody may read it.",
            Self::Deleted => "Retention has deleted what the group had not committed.",
            Self::Markers => "Only the marks of transactions are left, which nobody reads: commit or abort.",
            Self::Lost => {
                "An update is lost to a service that has not processed it and that it will not be delivered to any more."
            }
            Self::Again => {
                "A record is processed again when a service was stopped after it had processed it and before it had committed that."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_sentence_and_a_name_of_its_own() {
        for (index, term) in Term::ALL.into_iter().enumerate() {
            let meaning = term.meaning();
            assert!(meaning.ends_with('.') && meaning.matches(". ").count() == 0, "{meaning}");
            assert!(Term::ALL[..index].iter().all(|other| other.id() != term.id()), "{}", term.id());
        }
    }
}
