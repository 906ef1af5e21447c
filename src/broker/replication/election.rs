//! Who leads a partition.

use super::BrokerId;

/// Ways of electing a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The leader stays if it can, or another in-sync replica follows.
    Online,
    /// Without an in-sync replica, any replica will do (`unclean.leader.election.enable`): records can get lost.
    Unclean,
    /// The first replica, if it is in sync.
    Preferred,
}

/// What came of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elected {
    /// Who leads now; `None` if nobody can.
    pub leader: Option<BrokerId>,
    /// Whether it was not in sync. Then it alone is, from now on.
    pub is_unclean: bool,
}

impl Elected {
    /// The replicas in sync after the election.
    pub fn isr_after(&self, isr: &[BrokerId]) -> Vec<BrokerId> {
        self.leader.filter(|_| self.is_unclean).map_or_else(|| isr.to_vec(), |leader| vec![leader])
    }
}

/// Elects a leader. The order of `replicas` decides among several that could be.
pub fn elect(
    election: Election,
    replicas: &[BrokerId],
    isr: &[BrokerId],
    leader: Option<BrokerId>,
    is_alive: &dyn Fn(BrokerId) -> bool,
) -> Elected {
    let can_lead = |broker: &BrokerId| isr.contains(broker) && is_alive(*broker);
    let preferred = replicas.first().copied().filter(|_| election == Election::Preferred);
    let clean = preferred.filter(can_lead).or(leader.filter(can_lead));
    let clean = clean.or_else(|| replicas.iter().copied().find(can_lead));
    let any = || replicas.iter().copied().find(|broker| is_alive(*broker)).filter(|_| election == Election::Unclean);
    match clean {
        Some(_) => Elected { leader: clean, is_unclean: false },
        None => any().map_or(Elected { leader: None, is_unclean: false }, |broker| Elected {
            leader: Some(broker),
            is_unclean: true,
        }),
    }
}
