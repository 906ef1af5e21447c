//! What is to be drawn: plain values made from the model, each comparable with the one before, so that what has not
//! changed is not drawn again.

mod answer;
mod brokers;
mod challenges;
mod chart;
mod direct;
mod group;
mod inspector;
mod keeping;
mod lag_order;
mod ledger;
mod outcome;
mod page;
mod panel;
mod partition;
mod promises;
mod report;
mod road_chart;
mod roads;
mod round;
mod search;
mod section;
mod service;
mod settings;
pub mod text;
mod time;
mod tools;
mod topic;
mod tour;

pub use answer::answering;
pub use brokers::{BrokerRow, BrokersView, brokers};
pub use challenges::{
    ChallengeRow, ChallengesView, DoneView, ToldView, all_challenges, challenges, done_by, title as challenge_title,
};
pub use chart::{BandLabel, ChartBand, ChartSeries, ChartView, chart};
pub use direct::{ComparedCell, ComparedRow, ComparedView, DirectView, direct};
pub use group::group_state_word;
pub use inspector::{FateView, InspectorView, StuckView, inspector};
pub use keeping::{KeepingView, OfferedView, SharingView};
pub use lag_order::LagOrder;
pub use ledger::{LedgerLine, LedgerTerm, ListRow, ListView, columns, ledger, list};
pub use outcome::{OutcomeBoard, PhoneView, ScheduleRow, TextView, outcome};
pub use page::{ByHandView, LagPart, LagRow, OfferView, PageView, page, page_with};
pub use panel::{InstanceRow, PanelView, ReaderView, SeekView, panel};
pub use partition::{CompactionView, PartitionView, SegmentView, SettingsView, TopicSetting, partition};
pub use promises::{PromiseMark, PromiseRow, PromisesView, all_promises, promises};
pub use report::{ReportView, report};
pub use road_chart::{RoadChart, RoadLine};
pub use roads::{RoadComparison, RoadReader, RoadSide, RoadView};
pub use round::{Round, Sight};
pub use search::{SearchView, breaking, search};
pub use section::Section;
pub use service::{Lamp, ServiceView, services};
pub use settings::{ServiceSettingsView, SettingGroup, SettingRow, value_words};
pub use time::{TimeMark, TimeView, time};
pub use tools::{MomentRow, ToolsView, tools};
pub use topic::{AsideView, CellView, LaneGroup, LaneView, Mark, TopicLanes, topics};
pub use tour::{TourView, tour};
