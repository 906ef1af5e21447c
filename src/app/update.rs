//! The only way to change the model.

use super::model::{Model, Notice, RecordRef};
use super::msg::{Effect, Msg};
use crate::log::Offset;
use crate::scenario;
use crate::sim::{Command, ServiceId};

/// Takes in what happened, and returns what the browser is to do about it. Bad input leaves a notice and changes
/// nothing else.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::SetPlaying(playing) => {
            model.playing = playing;
            model.stepped = None;
        }
        Msg::Step => {
            model.playing = false;
            model.step();
        }
        Msg::SetSpeed(speed) => model.speed = speed,
        Msg::Restart { seed } => model.begin(Model::opened(model.scenario.clone(), seed)),
        Msg::Open { text, seed } => open(model, &text, seed),
        Msg::Do(command) => act(model, command),
        Msg::Select(record) => return select(model, record),
        Msg::SelectNeighbour(by) => select_neighbour(model, by),
        Msg::SetChartSpan(span) => model.chart_span = span,
        Msg::ShowSubject { service, slot, subject } => {
            if let Some(board) = model.outcomes.board_mut(ServiceId(service)) {
                board.put(slot, &subject);
            }
        }
        Msg::SetTheme(theme) => {
            model.theme = theme;
            return vec![Effect::ApplyTheme(theme)];
        }
        Msg::SetLaneCells(cells) => model.lane_cells = cells,
        Msg::DismissNotice => model.notice = None,
        Msg::Complain(text) => model.notice = Some(Notice { text, is_error: true }),
    }
    Vec::new()
}

impl Model {
    /// Does something to the world, and watches what comes of it.
    pub fn act(&mut self, command: Command) -> Result<(), crate::sim::CommandError> {
        let mut watched = Vec::new();
        let result = self.world.apply(command, &mut |stamped| watched.push(stamped.clone()));
        self.take_in(&watched);
        result
    }
}

fn act(model: &mut Model, command: Command) {
    model.stepped = None;
    model.notice = match model.act(command) {
        Ok(()) => None,
        Err(error) => Some(Notice { text: error.to_string(), is_error: true }),
    };
}

fn open(model: &mut Model, text: &str, seed: u64) {
    match scenario::parse(text) {
        Ok(scenario) => model.begin(Model::opened(scenario, seed)),
        Err(error) => {
            let text = format!("This file was not opened, and nothing has changed. {error}");
            model.notice = Some(Notice { text, is_error: true });
        }
    }
}

fn select(model: &mut Model, record: Option<RecordRef>) -> Vec<Effect> {
    model.selected = record;
    record.map(|_| Effect::FocusInspector).into_iter().collect()
}

fn select_neighbour(model: &mut Model, by: i64) {
    let Some(selected) = model.selected else { return };
    let Some(log) = model.world.broker().log(selected.partition) else { return };
    let wanted = Offset(selected.offset.0.saturating_add(by));
    if wanted >= log.log_start_offset() && wanted < log.log_end_offset() {
        model.selected = Some(RecordRef { offset: wanted, ..selected });
    }
}
