//! The whole page, from top to bottom.

use super::chart::LagChart;
use super::header::Header;
use super::inspector::Inspector;
use super::lag_table::LagTable;
use super::news::News;
use super::publish::Publish;
use super::service::{Reader, ServiceCard};
use super::time_bar::TimeBar;
use super::topic::Topic;
use crate::app::Msg;
use crate::app::view::{PageView, ServiceView, TopicLanes};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(in crate::ui) struct PageProps {
    pub(in crate::ui) page: PageView,
    pub(in crate::ui) announcement: Rc<str>,
    pub(in crate::ui) on_msg: Callback<Msg>,
    pub(in crate::ui) flow_ref: NodeRef,
    pub(in crate::ui) canvas_ref: NodeRef,
}

#[component]
pub(in crate::ui) fn Page(props: &PageProps) -> Html {
    let PageProps { page, announcement, on_msg, .. } = props;
    html! {
        <div class="page">
            <Header title={page.title.clone()} summary={page.summary.clone()} theme={page.theme} seed={page.time.seed} on_msg={on_msg.clone()} />
            <main>
                <News sentence={page.sentence.clone()} tone={page.tone} announcement={announcement.clone()} notice={page.notice.clone()} on_msg={on_msg.clone()} />
                { flow(props) }
                <div class="below">
                    <LagChart chart={page.chart.clone()} on_msg={on_msg.clone()} />
                    <LagTable rows={page.lag_rows.clone()} />
                </div>
            </main>
            <div class="inspector-place">
                { for page.inspector.iter().map(|record| html! { <Inspector key="inspector" record={record.clone()} on_msg={on_msg.clone()} /> }) }
            </div>
            <TimeBar time={page.time.clone()} on_msg={on_msg.clone()} />
        </div>
    }
}

fn flow(props: &PageProps) -> Html {
    let PageProps { page, on_msg, .. } = props;
    let (readers, publishers): (Vec<_>, Vec<_>) = page.services.iter().partition(|service| service.group.is_some());
    html! {
        <div class="flow" ref={props.flow_ref.clone()}>
            <canvas class="sky" ref={props.canvas_ref.clone()} aria-hidden="true"></canvas>
            <section class="column publishers" aria-label="Services that publish">
                { for publishers.into_iter().map(|service| publisher(service, on_msg)) }
                <Publish key={format!("publish-{}", page.run_id)} topics={names(&page.topics)} on_msg={on_msg.clone()} />
            </section>
            <div class="column log">
                { for page.topics.iter().enumerate().map(|(index, topic)| html! {
                    <Topic key={topic.name.to_string()} topics={page.topics.clone()} {index} on_msg={on_msg.clone()} />
                }) }
            </div>
            <section class="column readers" aria-label="Services that read">
                { for readers.into_iter().map(|service| reader(service, page.run_id, on_msg)) }
            </section>
        </div>
    }
}

/// The topics, each with its number of partitions.
fn names(topics: &[TopicLanes]) -> Vec<(Rc<str>, usize)> {
    topics.iter().map(|topic| (topic.name.clone(), topic.lanes.len())).collect()
}

fn publisher(service: &Rc<ServiceView>, on_msg: &Callback<Msg>) -> Html {
    html! { <ServiceCard key={service.id.0} service={service.clone()} on_msg={on_msg.clone()} /> }
}

fn reader(service: &Rc<ServiceView>, run_id: u32, on_msg: &Callback<Msg>) -> Html {
    html! { <Reader key={format!("{run_id}-{}", service.id.0)} service={service.clone()} on_msg={on_msg.clone()} /> }
}
