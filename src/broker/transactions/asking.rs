//! What producers ask the transaction coordinator, answered. What ends with it is ended at once.

use super::super::{Broker, Out, Response, Ticket};
use super::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, TransactionError,
    TxnOffsetCommitError, TxnOffsetCommitRequest,
};
use crate::time::Instant;

impl Broker {
    pub(in super::super) fn init_producer_id(
        &mut self,
        now: Instant,
        ticket: Ticket,
        request: InitProducerIdRequest,
        out: &mut Out,
    ) {
        let answer = self.transactions.init_producer_id(request, &self.config, out);
        out.reply(ticket, Response::InitProducerId(answer));
        self.end_transactions(now, out);
    }

    pub(in super::super) fn add_partitions(
        &mut self,
        now: Instant,
        request: &AddPartitionsToTxnRequest,
    ) -> Result<(), TransactionError> {
        if request.partitions.iter().any(|partition| self.log(*partition).is_none()) {
            return Err(TransactionError::UnknownTopicOrPartition);
        }
        self.transactions.add_partitions(now, request)
    }

    pub(in super::super) fn add_offsets(
        &mut self,
        now: Instant,
        request: &AddOffsetsToTxnRequest,
    ) -> Result<(), TransactionError> {
        self.transactions.add_offsets(now, request)
    }

    pub(in super::super) fn commit_offsets(
        &mut self,
        now: Instant,
        request: &TxnOffsetCommitRequest,
    ) -> Result<(), TxnOffsetCommitError> {
        self.transactions.check_offsets(request).map_err(TxnOffsetCommitError::Transaction)?;
        let (producer, membership) = (request.producer.id, &request.membership);
        self.commit_transactional(now, membership.group, producer, Some(membership), &request.offsets)
            .map_err(TxnOffsetCommitError::Group)
    }

    pub(in super::super) fn end_txn(&mut self, now: Instant, ticket: Ticket, request: &EndTxnRequest, out: &mut Out) {
        out.reply(ticket, Response::EndTxn(self.transactions.end(request)));
        self.end_transactions(now, out);
    }
}
