//! Wires between cards and lanes: where each runs, found out from where things stand on the page.

use super::{IS_STACKED, cell_px, is_so};
use crate::sorted::SortedMap;
use gloo::utils::window;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// How far from its card a wire bends at most: between the columns, not in the lanes; in CSS pixels.
const BEND_PX: f64 = 10.0;
/// The room on the right for wires, where things lie below one another, in CSS pixels; `static/style.css` says the same.
const ROOM_PX: f64 = 16.0;
/// How far from the right edge of it wires run into the lanes, and out of them.
const INTO_PX: f64 = 10.5;
const OUT_OF_PX: f64 = 4.5;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A wire between a card and a lane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wire {
    pub(super) path: Vec<Point>,
    /// How far it is along the path to each of its points.
    reach: Vec<f64>,
    /// Which of the colours it has.
    pub(super) ink: usize,
    pub(super) is_live: bool,
}

impl Wire {
    fn along(path: Vec<Point>, ink: usize, is_live: bool) -> Self {
        let mut end = 0.0;
        let lengths = path.windows(2).map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y));
        let reached = lengths.map(|length| {
            end += length;
            end
        });
        let reach = std::iter::once(0.0).chain(reached).collect();
        Self { path, reach, ink, is_live }
    }

    /// The place at `part` (0 to 1) of the way.
    pub(super) fn at(&self, part: f64) -> Point {
        let gone = self.reach.last().copied().unwrap_or_default() * part;
        let next = self.reach.partition_point(|reach| *reach < gone).clamp(1, self.path.len().max(2) - 1);
        let (Some(from), Some(to)) = (self.path.get(next - 1), self.path.get(next)) else { return Point::default() };
        let length = self.reach[next] - self.reach[next - 1];
        let share = if length > 0.0 { (gone - self.reach[next - 1]) / length } else { 0.0 };
        Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WireKey {
    pub(super) service: Option<u16>,
    pub(super) lane: (u16, u32),
    pub(super) inbound: bool,
}

/// All wires, by key, and their colours.
pub(super) fn wires(area: &Element) -> (SortedMap<WireKey, Wire>, Vec<String>) {
    let origin = area.get_bounding_client_rect();
    let (is_stacked, cell_px) = (is_so(IS_STACKED), cell_px());
    let rect = |element: &Element| {
        let rect = element.get_bounding_client_rect();
        Rect {
            left: rect.left() - origin.left(),
            top: rect.top() - origin.top(),
            width: rect.width(),
            height: rect.height(),
        }
    };
    let cards: Vec<(Card, Rect)> =
        all(area, "[data-card]").iter().filter_map(|element| Some((Card::of(element)?, rect(element)))).collect();
    let lanes: Vec<((u16, u32), Rect, Joint)> = all(area, "[data-lane]")
        .iter()
        .filter_map(|element| Some((lane_of(element)?, rect(element), Joint::of(element, is_stacked))))
        .collect();
    let (mut wires, mut inks) = (SortedMap::new(), Vec::new());
    for (card, card_rect) in &cards {
        let ink = inks.iter().position(|ink| *ink == card.colour).unwrap_or(inks.len());
        if ink == inks.len() {
            inks.push(card.colour.clone());
        }
        for (lane, lane_rect, joint) in lanes.iter().filter(|(lane, ..)| card.topics.contains(&lane.0)) {
            let path = if card.inbound {
                into(*card_rect, *lane_rect, *joint, cell_px, origin.width())
            } else {
                out_of(*lane_rect, *card_rect, is_stacked.then_some(origin.width()))
            };
            let key = WireKey { service: card.service, lane: *lane, inbound: card.inbound };
            wires.insert(key, Wire::along(path, ink, card.is_live));
        }
    }
    (wires, inks)
}

/// How a wire from a card comes to a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// Along a rail above it, down to the place of the next record.
    Rail,
    /// The same from the right, beside everything, where things lie below one another.
    StackedRail,
    /// To its left end: there is no room for rails between lanes that lie close together.
    End,
    /// To its right end, where things lie below one another.
    StackedEnd,
}

impl Joint {
    fn of(lane: &Element, is_stacked: bool) -> Self {
        match (lane.has_attribute("data-dense"), is_stacked) {
            (false, false) => Self::Rail,
            (false, true) => Self::StackedRail,
            (true, false) => Self::End,
            (true, true) => Self::StackedEnd,
        }
    }
}

/// A card that wires are tied to, as its `data-` attributes tell.
struct Card {
    service: Option<u16>,
    inbound: bool,
    topics: Vec<u16>,
    is_live: bool,
    colour: String,
}

impl Card {
    fn of(element: &Element) -> Option<Self> {
        let style = window().get_computed_style(element).ok()??;
        let topics = element.get_attribute("data-topics")?;
        Some(Self {
            service: element.get_attribute("data-card")?.parse().ok(),
            inbound: element.get_attribute("data-way")? == "in",
            topics: topics.split(',').filter_map(|topic| topic.parse().ok()).collect(),
            is_live: element.get_attribute("data-live")? == "true",
            colour: style.get_property_value("border-top-color").ok()?,
        })
    }
}

#[derive(Clone, Copy)]
struct Rect {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Rect {
    fn right(self) -> f64 {
        self.left + self.width
    }

    fn middle(self) -> f64 {
        self.top + self.height / 2.0
    }
}

/// From a card to a lane, in an area that is so wide.
fn into(card: Rect, lane: Rect, joint: Joint, cell_px: f64, width: f64) -> Vec<Point> {
    let rail = lane.top - 7.0;
    let head = Point { x: lane.right() - cell_px / 2.0, y: rail };
    let landing = Point { x: head.x, y: lane.top };
    let beside = Point { x: width - INTO_PX, y: card.top + card.height - 20.0 };
    let tied = Point { x: width - ROOM_PX, y: beside.y };
    let start = Point { x: card.right(), y: card.middle() };
    let bend = card.right() + ((lane.left - card.right()) / 2.0).min(BEND_PX);
    match joint {
        Joint::Rail => vec![start, Point { x: bend, y: start.y }, Point { x: bend, y: rail }, head, landing],
        Joint::StackedRail => vec![tied, beside, Point { x: beside.x, y: rail }, head, landing],
        Joint::End => {
            let y = lane.middle();
            vec![start, Point { x: bend, y: start.y }, Point { x: bend, y }, Point { x: lane.left, y }]
        }
        Joint::StackedEnd => {
            let y = lane.middle();
            vec![tied, beside, Point { x: beside.x, y }, Point { x: lane.right(), y }]
        }
    }
}

/// From the end of a lane to a card; where things lie below one another, beside everything in an area that is so wide.
fn out_of(lane: Rect, card: Rect, stacked_width: Option<f64>) -> Vec<Point> {
    let start = Point { x: lane.right(), y: lane.middle() };
    let y = card.top + 28.0;
    if let Some(width) = stacked_width {
        let x = width - OUT_OF_PX;
        return vec![start, Point { x, y: start.y }, Point { x, y }, Point { x: width - ROOM_PX, y }];
    }
    let bend = lane.right().midpoint(card.left);
    vec![start, Point { x: bend, y: start.y }, Point { x: bend, y }, Point { x: card.left, y }]
}

fn lane_of(element: &Element) -> Option<(u16, u32)> {
    let lane = element.get_attribute("data-lane")?;
    let (topic, partition) = lane.split_once('-')?;
    Some((topic.parse().ok()?, partition.parse().ok()?))
}

fn all(area: &Element, selector: &str) -> Vec<Element> {
    let Ok(nodes) = area.query_selector_all(selector) else { return Vec::new() };
    (0..nodes.length()).filter_map(|index| nodes.get(index)?.dyn_into().ok()).collect()
}
