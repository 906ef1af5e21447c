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
}

impl Term {
    /// Every word, in no particular order.
    pub const ALL: [Self; 17] = [
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
                "An offset is the number of a record in its partition: 0, 1, 2 and so on, never changed or used twice."
            }
            Self::Lag => {
                "Lag is how many records are in the log after the last one that a service has committed; one that is processed counts until it is committed."
            }
            Self::Group => {
                "The instances of one service form a consumer group: they share the partitions, and the group remembers how far it has read."
            }
            Self::Instance => {
                "An instance is one running copy of a service; several of them share the partitions and the work."
            }
            Self::Generation => {
                "The generation counts the rebalances of the group, each of which decides which member reads which partition."
            }
            Self::Members => {
                "Members are the instances of a service that the group currently divides its partitions among."
            }
            Self::Oldest => {
                "How long the oldest record has been in the log that the group has not committed; where nothing waits a word says why it lags: “processed” when only the commit is outstanding, “replicating” when nobody may read it yet, “deleted” when retention came first, “markers” when only the marks of transactions are left."
            }
            Self::Poison => {
                "A poison record is one that no reader can make sense of: it fails every time, until its value or the reader is fixed."
            }
            Self::Seed => {
                "The seed decides every random thing: the same seed and the same actions give exactly the same run."
            }
            Self::DeadLetter => {
                "A record that keeps failing is moved to a dead letter topic, so that the others can go on."
            }
            Self::Promise => {
                "What the settings of a service allow it to guarantee, such as that no update is lost or that order is kept."
            }
            Self::Broker => {
                "A broker is a machine that stores partitions; each partition is stored on several of them, as replicas."
            }
            Self::Leader => {
                "Everything in a partition is written to and read from one broker, its leader; the others copy it, and one of them takes over if it fails."
            }
            Self::InSync => {
                "A replica is in sync while it has everything that its leader has; only an in-sync replica can take over without loss."
            }
            Self::Coordinator => {
                "The coordinator of a group is the broker that knows its members and stores their committed offsets; if it fails, another takes over."
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
