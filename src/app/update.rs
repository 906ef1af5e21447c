//! The only way to change the model.

use super::RecordRef;
use super::at_home::{self, HomeMsg};
use super::changed::Changed;
use super::keeping::{self, KeepMsg};
use super::model::{Model, Theme};
use super::msg::{Effect, FocusMove, Msg};
use super::next_step::NextStep;
use super::notice::Notice;
use super::opened;
use super::same_day;
use super::searching::{self, SearchMsg};
use super::{refusal, tour, ways_out};
use crate::json::Json;
use crate::log::{Offset, TopicId, TopicPartition};
use crate::scenario::shipped;
use crate::sim::{Command, NewService, ServiceId, World};
use crate::time::Instant;

/// Takes in what happened, and returns what the browser is to do about it. Bad input leaves a notice and changes
/// nothing else.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if needs_the_instant(&msg) {
        model.finish_opening();
    }
    match msg {
        Msg::SetPlaying(playing) => set_playing(model, playing),
        Msg::Step => step(model),
        Msg::StepBack => step_back(model),
        Msg::Seek(at) => seek(model, at),
        Msg::SeekEnd => seek(model, model.end()),
        Msg::Undo if model.undo_leads_to_left_run() => keeping::go_back(model),
        Msg::Undo => tell(model, "Undone", Model::undo),
        Msg::Redo => tell(model, "Redone", Model::redo),
        Msg::TakeBranch(index) => drop(model.take_branch(index)),
        Msg::RenameBranch(index, name) => attempt(model, |model| model.rename_branch(index, &name)),
        Msg::ForgetBranch(index) => drop(model.forget_branch(index)),
        Msg::HoldAt(point) => attempt(model, |model| model.hold_at(point)),
        Msg::Unhold(index) => model.breakpoints.remove(index),
        Msg::SetSpeed(speed) => model.speed = speed,
        Msg::Restart { seed } => keeping::begin_anew(model, seed),
        Msg::Reset => keeping::begin_anew(model, model.world().seed()),
        Msg::Load(name) => return load(model, &name),
        Msg::Open { text, seed } => return keeping::open_file(model, &text, seed),
        Msg::Do(command) => act(model, &command),
        Msg::DoAll(commands) => refusal::do_all(model, &commands),
        Msg::TakeStep(step) => return take_step(model, &step),
        Msg::TakeWayOut(service, command) => return ways_out::take(model, service, &command),
        Msg::Select(record) => return opened::select(model, record),
        Msg::SelectNeighbour(by) => opened::select_neighbour(model, by),
        Msg::OpenPartition(partition) => return opened::open_partition(model, partition),
        Msg::OpenService(service) => return opened::open_service(model, service),
        Msg::CloseOpened => return opened::close(model),
        Msg::UnfoldTopic { topic, unfolded } => unfold(model, topic, unfolded),
        Msg::Follow(followed) => model.follow(followed),
        Msg::DraftSeek(draft) => model.seek_draft = draft,
        Msg::HoldLane(by, lane) => model.holding.hold(by, lane),
        Msg::HoldRecord(record) => model.hold_record(record),
        Msg::MoveFocus { from, lane, to } => return move_focus(model, from, lane, to),
        Msg::SetChartSpan(span) => model.chart_span = span,
        Msg::SetChartUnit(unit) => model.chart_unit = unit,
        Msg::OpenList(list) => return opened::open_list(model, list),
        Msg::UnfoldPromises(unfolded) => model.has_unfolded_promises = unfolded,
        Msg::UnfoldChallenges(unfolded) => model.unfold_challenges(unfolded),
        Msg::ShowChallenges => {
            model.unfold_challenges(true);
            return vec![Effect::Reveal("challenges"), Effect::FocusId("challenges-fold")];
        }
        Msg::ShowSubject { service, slot, subject } => show_subject(model, ServiceId(service), slot, &subject),
        Msg::SetTheme(theme) => return set_theme(model, theme),
        Msg::SetLaneCells(cells) => model.lane_cells = cells,
        Msg::DismissNotice => model.notice = None,
        Msg::ForgetRefusal => model.forget_refusal(),
        Msg::Complain(text) => model.notice = Some(Notice::new(text, true)),
        Msg::Keep(msg) => return keeping::update(model, msg),
        Msg::Direct(msg) => return same_day::update(model, msg),
        Msg::Search(msg) => return searching::update(model, msg),
        Msg::Tour(msg) => return tour::update(model, msg),
        Msg::Home(msg) => return at_home::update(model, msg),
    }
    Vec::new()
}

/// Whether a message is about the instant that is looked at, so that a run that is being opened has to be there first.
fn needs_the_instant(msg: &Msg) -> bool {
    let is_about_the_page = matches!(
        msg,
        Msg::SetTheme(_)
            | Msg::SetSpeed(_)
            | Msg::SetLaneCells(_)
            | Msg::HoldLane(..)
            | Msg::HoldRecord(_)
            | Msg::SetChartSpan(_)
            | Msg::DismissNotice
            | Msg::ForgetRefusal
            | Msg::Tour(_)
            | Msg::UnfoldChallenges(_)
            | Msg::ShowChallenges
            | Msg::Complain(_)
            | Msg::Home(HomeMsg::SetShortcuts(_) | HomeMsg::ShowShortcuts | HomeMsg::Say(_))
    );
    let begins_another = matches!(msg, Msg::Restart { .. } | Msg::Reset | Msg::Open { .. });
    let is_about_opening = matches!(
        msg,
        Msg::Keep(
            KeepMsg::Copied(..)
                | KeepMsg::Copy(_)
                | KeepMsg::OpenLink(_)
                | KeepMsg::Offer(_)
                | KeepMsg::GoOn
                | KeepMsg::Decline
                | KeepMsg::DismissArrival
                | KeepMsg::StopOpening
        )
    );
    let is_about_a_search = matches!(
        msg,
        Msg::Search(SearchMsg::Choose(_) | SearchMsg::Cancel | SearchMsg::Report(..) | SearchMsg::Fail(_))
    );
    !is_about_the_page && !begins_another && !is_about_opening && !is_about_a_search
}

impl Model {
    /// Does something to the world, and watches what comes of it.
    pub fn act(&mut self, command: Command) -> Result<(), crate::sim::CommandError> {
        self.stepped = None;
        let leaves_road = self.timeline.is_before_end(&self.moment) && !self.playing;
        let mut watched = Vec::new();
        self.count_challenges_from_here();
        let result = self.timeline.act(&mut self.moment, command, &mut |stamped| watched.push(stamped.clone()));
        if leaves_road && result.is_ok() {
            self.road_taken = Some(self.moment.now());
        }
        self.note(&watched);
        if result.is_ok() {
            self.breakpoints.appointment = None; // another road need not come there
        }
        if let Some(notice) = self.breakpoints.reached(&self.moment, &watched) {
            self.hold(notice);
        }
        result
    }
}

fn set_playing(model: &mut Model, playing: bool) {
    model.forget_held();
    model.playing = playing;
    (model.stepped, model.road_taken) = (None, None);
}

fn step(model: &mut Model) {
    model.take_time_in_hand();
    model.step();
}

fn step_back(model: &mut Model) {
    model.take_time_in_hand();
    model.step_back();
}

fn seek(model: &mut Model, at: Instant) {
    model.take_time_in_hand();
    model.seek(at);
}

/// Does something, and tells why if it was refused.
fn attempt<E: std::error::Error>(model: &mut Model, act: impl FnOnce(&mut Model) -> Result<(), E>) {
    let result = act(model);
    model.notice = result.err().map(|error| Notice::new(format!("{error}."), true));
}

/// Takes something back, or does it again, and says what that was.
fn tell(model: &mut Model, what: &str, act: fn(&mut Model) -> Option<Vec<Command>>) {
    let commands = act(model);
    let words = |commands: Vec<Command>| {
        commands.iter().map(|command| deed(command, model.world())).collect::<Vec<_>>().join(", and ")
    };
    model.stepped = commands.map(|commands| format!("{what}: {}", words(commands)));
}

/// A command in a few words that do not say that it is as the command says: it may have been taken back.
fn deed(command: &Command, world: &World) -> String {
    match Changed::by(command, world) {
        Some(Changed::Service { service: of, name, value, .. } | Changed::Topic { topic: of, name, value, .. }) => {
            format!("the change of {name} of {of} to {value}")
        }
        Some(Changed::Rate { .. }) => format!("the change to {}", described(command)),
        None => described(command),
    }
}

/// A command in a few words.
pub(super) fn described(command: &Command) -> String {
    match command {
        Command::SetServiceOnline { service, online: true } => format!("{service} on"),
        Command::SetServiceOnline { service, online: false } => format!("{service} off"),
        Command::SetInstanceOnline { service, instance, online } => {
            format!("instance {instance} of {service} {}", if *online { "on" } else { "off" })
        }
        Command::ShutDown { service } => format!("{service} shut down"),
        Command::Stall { service, .. } => format!("{service} stalled"),
        Command::SetConnected { service, connected: true } => format!("{service} reconnected"),
        Command::SetConnected { service, connected: false } => format!("{service} cut off"),
        Command::SetBrokerOnline { broker, online: true } => format!("broker {broker} on"),
        Command::SetBrokerOnline { broker, online: false } => format!("broker {broker} off"),
        Command::SetBrokerConnected { broker, connected: true } => format!("broker {broker} reconnected"),
        Command::SetBrokerConnected { broker, connected: false } => format!("broker {broker} cut off"),
        Command::SetServiceConfig { service, name, value } => format!("{name} of {service} is {value}"),
        Command::Seek { service, .. } => format!("{service} begins elsewhere"),
        Command::Redrive { service } => format!("dead letters of {service} redriven"),
        Command::SetArrivalRate { service, arrivals_per_min } => {
            format!("{arrivals_per_min} arrivals a minute at {service}")
        }
        Command::SetTopicConfig { topic, name, value } => format!("{name} of {topic} is {value}"),
        Command::AddService { service } => format!("{} added", name_of(service)),
        Command::RemoveService { service } => format!("{service} removed"),
        Command::Publish { topic, .. } => format!("a record published to {topic}"),
    }
}

/// Begins a run of another shipped scenario, with the same seed.
fn load(model: &mut Model, name: &str) -> Vec<Effect> {
    if *model.scenario.name == *name {
        return Vec::new();
    }
    match shipped(name) {
        Ok(scenario) => {
            let seed = model.world().seed();
            keeping::begin_scenario(model, scenario, seed)
        }
        Err(error) => {
            model.complain(error.to_string());
            Vec::new()
        }
    }
}

/// What a service is called that is to join.
fn name_of(service: &NewService) -> String {
    match service {
        NewService::Offered(name) => name.clone(),
        NewService::Defined(text) => {
            let json = Json::read(text).ok();
            let name = json.as_ref().and_then(|json| json.get("name")).and_then(Json::as_text);
            name.unwrap_or("a service").to_owned()
        }
    }
}

fn set_theme(model: &mut Model, theme: Theme) -> Vec<Effect> {
    model.theme = theme;
    vec![Effect::ApplyTheme(theme)]
}

/// Does something to the world; what is refused is told, at the setting that was to change or as a notice.
pub(super) fn act(model: &mut Model, command: &Command) {
    let error = model.act(command.clone()).err();
    let is_told = model.note_refusal(command, error.as_ref());
    model.notice = error.filter(|_| !is_told).map(|error| Notice::new(error.to_string(), true));
}

/// Does what the large control offers. Where it does something to a service, that is to be seen: on a small window it lies below.
fn take_step(model: &mut Model, step: &NextStep) -> Vec<Effect> {
    act(model, &step.command);
    model.world().service_id(&step.what).map(Effect::ShowCard).into_iter().collect()
}

fn show_subject(model: &mut Model, service: ServiceId, slot: usize, subject: &str) {
    if let Some(board) = model.moment.outcomes.board_mut(service) {
        board.put(slot, subject);
    }
}

fn unfold(model: &mut Model, topic: TopicId, unfolded: bool) {
    if unfolded {
        model.unfolded.insert(topic);
    } else {
        model.unfolded.remove(&topic);
    }
}

/// The focus stays among the records that are shown; a lane that is held shows newer ones when it goes there. From the lane itself it
/// goes to the last one, or to the first.
fn move_focus(model: &mut Model, from: Option<RecordRef>, lane: TopicPartition, to: FocusMove) -> Vec<Effect> {
    let Some(log) = model.moment.world.broker().log(lane) else { return Vec::new() };
    let (first, end) = model.shown(lane, log);
    let is_held = model.held_lane(lane, log).is_some();
    let (first, last) = (first.0, if is_held { log.log_end_offset().0 } else { end.0 } - 1);
    let wanted = match (to, from) {
        (FocusMove::First, _) => first,
        (FocusMove::Last, _) => last,
        (_, None) => end.0 - 1,
        (FocusMove::Previous, Some(from)) => from.offset.0 - 1,
        (FocusMove::Next, Some(from)) => from.offset.0 + 1,
    };
    let is_there = first <= last;
    let record = RecordRef { partition: lane, offset: Offset(wanted.min(last).max(first)) };
    model.show_on(lane, record.offset);
    is_there.then_some(Effect::FocusRecord(record)).into_iter().collect()
}

#[cfg(test)]
mod tests;
