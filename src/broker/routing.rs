//! Which requests come to a broker that serves them, and what is told to those that do not.
//!
//! A client here always asks the leader of the moment. Kafka's learn of a new one by asking for metadata again, which comes to
//! the same but for one more request.

use super::node::Reach;
use super::{Broker, GroupError, GroupId, Request, Response, TransactionError, TxnOffsetCommitError};

impl Broker {
    /// What comes of a request. Those about partitions are looked at partition by partition later.
    pub(super) fn reach_for(&self, request: &Request) -> Reach {
        if self.cluster.is_settled {
            return Reach::Serves;
        }
        match request {
            Request::Produce { .. } | Request::Fetch(_) | Request::ListOffsets(_) => Reach::Serves,
            Request::Metadata(_) => self.cluster.reach_any(),
            Request::JoinGroup(request) => self.reach_group(request.group),
            Request::SyncGroup(request) => self.reach_group(request.membership.group),
            Request::Heartbeat(request) => self.reach_group(request.membership.group),
            Request::LeaveGroup(request) => self.reach_group(request.group),
            Request::OffsetCommit(request) => self.reach_group(request.group),
            Request::OffsetFetch(request) => self.reach_group(request.group),
            Request::InitProducerId(request) if request.transactional_id.is_none() => self.cluster.reach_any(),
            Request::TxnOffsetCommit(request) => match self.reach_transactions() {
                Reach::Serves => self.reach_group(request.membership.group),
                reach @ (Reach::NoLeader | Reach::Refused | Reach::Silent) => reach,
            },
            Request::InitProducerId(_)
            | Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_) => self.reach_transactions(),
        }
    }

    pub(super) fn is_coordinated(&self, group: usize) -> bool {
        self.cluster.is_settled || self.cluster.coordinators.get(group).is_some_and(|it| it.serves.is_some())
    }

    pub(super) fn are_transactions_coordinated(&self) -> bool {
        self.cluster.is_settled || self.cluster.transactions.serves.is_some()
    }

    fn reach_group(&self, group: GroupId) -> Reach {
        let coordinator = self.cluster.coordinators.get(usize::from(group.0));
        coordinator.map_or(Reach::Serves, |it| self.cluster.reach(&it.replicas))
    }

    fn reach_transactions(&self) -> Reach {
        self.cluster.reach(&self.cluster.transactions.replicas)
    }
}

/// What is told to one whose coordinator does not serve; nothing where there is no way to tell.
pub(super) fn refusal(request: &Request) -> Option<Response> {
    let (of_group, of_transactions) = (GroupError::CoordinatorNotAvailable, TransactionError::CoordinatorNotAvailable);
    Some(match request {
        Request::Produce { .. } | Request::Fetch(_) | Request::ListOffsets(_) | Request::Metadata(_) => return None,
        Request::JoinGroup(_) => Response::JoinGroup(Err(of_group)),
        Request::SyncGroup(_) => Response::SyncGroup(Err(of_group)),
        Request::Heartbeat(_) => Response::Heartbeat(Err(of_group)),
        Request::LeaveGroup(_) => Response::LeaveGroup(Err(of_group)),
        Request::OffsetCommit(_) => Response::OffsetCommit(Err(of_group)),
        Request::OffsetFetch(request) => {
            Response::OffsetFetch(request.partitions.iter().map(|partition| (*partition, Err(of_group))).collect())
        }
        Request::InitProducerId(_) => Response::InitProducerId(Err(of_transactions)),
        Request::AddPartitionsToTxn(_) => Response::AddPartitionsToTxn(Err(of_transactions)),
        Request::AddOffsetsToTxn(_) => Response::AddOffsetsToTxn(Err(of_transactions)),
        Request::TxnOffsetCommit(_) => {
            Response::TxnOffsetCommit(Err(TxnOffsetCommitError::Transaction(of_transactions)))
        }
        Request::EndTxn(_) => Response::EndTxn(Err(of_transactions)),
    })
}
