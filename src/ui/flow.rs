//! The picture of records on their way: wires between services and partitions, and dots that run along them.
//!
//! It is decoration: every number on the page is the simulation's, and a dot takes its own time. It lies behind the cards
//! and the lanes, so that nothing that flies ever covers what is to be read.

use crate::app::Flight;
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement};
use yew::NodeRef;

/// How long a dot is on its way, in milliseconds.
const FLIGHT_MS: f64 = 520.0;
/// How many dots there are at a time.
const DOTS_MAX: usize = 2_400;
/// The side of a dot, in CSS pixels.
const DOT_PX: f64 = 7.0;
/// The width of one record in a lane, in sizes of the page's text; `static/style.css` says the same.
const CELL_REM: f64 = 46.0 / 15.0;
/// The room at both ends of a lane, in CSS pixels; `static/style.css` says the same.
const LANE_PADDING_PX: f64 = 13.0;
/// How far from its card a wire bends at most: between the columns, not in the lanes; in CSS pixels.
const BEND_PX: f64 = 20.0;
/// The fewest and the most records that a lane shows.
const CELLS: std::ops::RangeInclusive<u32> = 4..=60;
/// Whether things lie below one another; `static/style.css` asks the same.
const IS_STACKED: &str = "(max-width: 68.7em)";

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Point {
    x: f64,
    y: f64,
}

/// A wire between a card and a lane.
#[derive(Clone, Debug, PartialEq)]
struct Wire {
    path: Vec<Point>,
    /// How far it is along the path to each of its points.
    reach: Vec<f64>,
    colour: String,
    is_live: bool,
}

impl Wire {
    fn along(path: Vec<Point>, colour: String, is_live: bool) -> Self {
        let mut end = 0.0;
        let lengths = path.windows(2).map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y));
        let reached = lengths.map(|length| {
            end += length;
            end
        });
        let reach = std::iter::once(0.0).chain(reached).collect();
        Self { path, reach, colour, is_live }
    }

    /// The place at `part` (0 to 1) of the way.
    fn at(&self, part: f64) -> Point {
        let gone = self.reach.last().copied().unwrap_or_default() * part;
        let next = self.reach.partition_point(|reach| *reach < gone).clamp(1, self.path.len().max(2) - 1);
        let (Some(from), Some(to)) = (self.path.get(next - 1), self.path.get(next)) else { return Point::default() };
        let length = self.reach[next] - self.reach[next - 1];
        let share = if length > 0.0 { (gone - self.reach[next - 1]) / length } else { 0.0 };
        Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct WireKey {
    service: Option<u16>,
    lane: (u16, u32),
    inbound: bool,
}

/// The size of the canvas in CSS pixels, and how many of the screen's pixels one of them is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Frame {
    width: f64,
    height: f64,
    scale: f64,
}

#[derive(Clone, Copy, Debug)]
struct Dot {
    wire: WireKey,
    began_ms: f64,
}

/// The picture.
#[derive(Default)]
pub(super) struct Flow {
    canvas: Option<HtmlCanvasElement>,
    context: Option<CanvasRenderingContext2d>,
    frame: Frame,
    wires: Vec<(WireKey, Wire)>,
    dots: Vec<Dot>,
    /// Whether the canvas shows something else than the wires as they are now.
    is_stale: bool,
    is_still: bool,
    cells: u32,
}

impl Flow {
    /// Finds out where everything is. Returns how many records fit into a lane, if that has changed.
    pub(super) fn measure(&mut self, area: &NodeRef, canvas: &NodeRef) -> Option<u32> {
        let area = area.cast::<Element>()?;
        self.take_canvas(canvas, &area);
        let wires = wires(&area);
        self.is_stale |= wires != self.wires;
        self.wires = wires;
        self.is_still = prefers_stillness();
        let lane = area.query_selector("[data-cells]").ok()??;
        let width = lane.get_bounding_client_rect().width() - LANE_PADDING_PX;
        let fits = ((width / cell_px()) as u32).checked_sub(1)?; // the last place is the next record's
        let cells = fits.clamp(*CELLS.start(), *CELLS.end());
        let has_changed = cells != self.cells;
        self.cells = cells;
        has_changed.then_some(cells)
    }

    /// Draws wires and dots as they are at `at_ms`, after `flights` have set out.
    pub(super) fn draw(&mut self, at_ms: f64, flights: &[Flight]) {
        self.launch(at_ms, flights);
        self.dots.retain(|dot| at_ms - dot.began_ms < FLIGHT_MS);
        if self.dots.is_empty() && !self.is_stale {
            return;
        }
        self.is_stale = !self.dots.is_empty();
        let Some(context) = &self.context else { return };
        let Frame { width, height, scale } = self.frame;
        if context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).is_err() {
            return;
        }
        context.clear_rect(0.0, 0.0, width, height);
        for (_, wire) in &self.wires {
            draw_wire(context, wire);
        }
        for dot in &self.dots {
            if let Ok(index) = self.wires.binary_search_by_key(&dot.wire, |(key, _)| *key) {
                let wire = &self.wires[index].1;
                let place = wire.at(((at_ms - dot.began_ms) / FLIGHT_MS).clamp(0.0, 1.0));
                context.set_fill_style_str(&wire.colour);
                context.fill_rect(place.x - DOT_PX / 2.0, place.y - DOT_PX / 2.0, DOT_PX, DOT_PX);
            }
        }
    }

    fn launch(&mut self, at_ms: f64, flights: &[Flight]) {
        if self.is_still {
            return;
        }
        for flight in flights.iter().take(DOTS_MAX.saturating_sub(self.dots.len())) {
            let lane = (flight.partition.topic.0, flight.partition.partition.0);
            let wire = WireKey { service: flight.service.map(|id| id.0), lane, inbound: flight.inbound };
            self.dots.push(Dot { wire, began_ms: at_ms });
        }
    }

    fn take_canvas(&mut self, canvas: &NodeRef, area: &Element) {
        let rect = area.get_bounding_client_rect();
        let scale = window().device_pixel_ratio().max(1.0);
        let frame = Frame { width: rect.width(), height: rect.height(), scale };
        let canvas = canvas.cast::<HtmlCanvasElement>();
        if self.canvas == canvas && self.frame == frame {
            return;
        }
        let context = canvas.as_ref().and_then(|canvas| canvas.get_context("2d").ok()?);
        self.context = context.and_then(|context| context.dyn_into().ok());
        if let Some(canvas) = &canvas {
            canvas.set_width((frame.width * scale) as u32);
            canvas.set_height((frame.height * scale) as u32);
        }
        self.frame = frame;
        self.canvas = canvas;
        self.is_stale = true;
    }
}

/// Whether the person has asked for as little motion as possible.
fn prefers_stillness() -> bool {
    is_so("(prefers-reduced-motion: reduce)")
}

/// What a style sheet may ask.
fn is_so(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// The width of one record in a lane, in CSS pixels.
fn cell_px() -> f64 {
    let root = document().document_element().and_then(|root| window().get_computed_style(&root).ok()?);
    let size = root.and_then(|style| style.get_property_value("font-size").ok()?.trim_end_matches("px").parse().ok());
    size.unwrap_or(16.0) * CELL_REM
}

fn wires(area: &Element) -> Vec<(WireKey, Wire)> {
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
    let mut wires = Vec::new();
    for (card, card_rect) in &cards {
        for (lane, lane_rect, joint) in lanes.iter().filter(|(lane, ..)| card.topics.contains(&lane.0)) {
            let path = if card.inbound {
                into(*card_rect, *lane_rect, *joint, cell_px)
            } else {
                out_of(*lane_rect, *card_rect, is_stacked)
            };
            let key = WireKey { service: card.service, lane: *lane, inbound: card.inbound };
            wires.push((key, Wire::along(path, card.colour.clone(), card.is_live)));
        }
    }
    wires.sort_by_key(|(key, _)| *key);
    wires
}

/// How a wire from a card comes to a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// Along a rail above it, down to the place of the next record.
    Rail,
    /// The same from the right, where things lie below one another.
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

/// From a card to a lane.
fn into(card: Rect, lane: Rect, joint: Joint, cell_px: f64) -> Vec<Point> {
    let rail = lane.top - 7.0;
    let head = Point { x: lane.right() - cell_px / 2.0, y: rail };
    let landing = Point { x: head.x, y: lane.top };
    let beside = Point { x: lane.right() + 7.0, y: card.top + card.height };
    let start = Point { x: card.right(), y: card.middle() };
    let bend = card.right() + ((lane.left - card.right()) / 2.0).min(BEND_PX);
    match joint {
        Joint::Rail => vec![start, Point { x: bend, y: start.y }, Point { x: bend, y: rail }, head, landing],
        Joint::StackedRail => vec![beside, Point { x: beside.x, y: rail }, head, landing],
        Joint::End => {
            let y = lane.middle();
            vec![start, Point { x: bend, y: start.y }, Point { x: bend, y }, Point { x: lane.left, y }]
        }
        Joint::StackedEnd => {
            let y = lane.middle();
            vec![beside, Point { x: beside.x, y }, Point { x: lane.right(), y }]
        }
    }
}

/// From the end of a lane to a card.
fn out_of(lane: Rect, card: Rect, is_stacked: bool) -> Vec<Point> {
    let start = Point { x: lane.right(), y: lane.middle() };
    if is_stacked {
        let x = lane.right() + 7.0;
        return vec![start, Point { x, y: start.y }, Point { x, y: card.top }];
    }
    let bend = lane.right().midpoint(card.left);
    let y = card.top + 28.0;
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

fn draw_wire(context: &CanvasRenderingContext2d, wire: &Wire) {
    let Some((first, rest)) = wire.path.split_first() else { return };
    context.set_global_alpha(if wire.is_live { 0.34 } else { 0.16 });
    context.set_stroke_style_str(&wire.colour);
    context.set_line_width(1.5);
    context.begin_path();
    context.move_to(first.x, first.y);
    for point in rest {
        context.line_to(point.x, point.y);
    }
    context.stroke();
    context.set_global_alpha(1.0);
}
