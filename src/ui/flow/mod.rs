//! The picture of records on their way: wires between services and partitions, and dots that run along them.
//!
//! It is decoration: every number on the page is the simulation's, and a dot takes its own time. It lies behind the cards
//! and the lanes, so that nothing that flies ever covers what is to be read. Wires and dots have a canvas each, for the
//! wires stay while the dots move.

mod layer;
mod wires;

use self::layer::{Frame, Layer};
use self::wires::{Point, Wire, WireKey};
use crate::app::Flight;
use crate::sorted::SortedMap;
use gloo::utils::{document, window};
use js_sys::Number;
use web_sys::{CanvasRenderingContext2d, Element};
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
/// The fewest and the most records that a lane shows.
const CELLS: std::ops::RangeInclusive<u32> = 4..=60;
/// Whether things lie below one another; `static/style.css` asks the same.
const IS_STACKED: &str = "(max-width: 68.7em)";

#[derive(Clone, Copy, Debug)]
struct Dot {
    wire: WireKey,
    began_ms: f64,
}

/// Where the picture is on the page.
#[derive(Clone, Default)]
pub(super) struct FlowRefs {
    /// The area that it lies behind.
    pub(super) area: NodeRef,
    /// The canvas of the wires.
    pub(super) wires: NodeRef,
    /// The canvas of the dots.
    pub(super) dots: NodeRef,
}

/// The picture.
#[derive(Default)]
pub(super) struct Flow {
    wires_layer: Layer,
    dots_layer: Layer,
    wires: SortedMap<WireKey, Wire>,
    /// The colours of the wires.
    inks: Vec<String>,
    dots: Vec<Dot>,
    /// Where the dots are, each with its colour's place among the inks.
    places: Vec<(usize, Point)>,
    /// Whether dots are drawn that are not there any more.
    has_traces: bool,
    is_still: bool,
    cells: u32,
}

impl Flow {
    /// Finds out where everything is, and draws the wires if one has moved. Returns how many records fit into a lane, if
    /// that has changed.
    pub(super) fn measure(&mut self, refs: &FlowRefs) -> Option<u32> {
        let area = refs.area.cast::<Element>()?;
        let (wires, inks) = wires::wires(&area);
        let have_moved = wires != self.wires || inks != self.inks;
        (self.wires, self.inks) = (wires, inks);
        let points = self.wires.values().flat_map(|wire| wire.path.iter().copied());
        let frame = Frame::around(points, DOT_PX);
        let is_blank = self.wires_layer.cover(&refs.wires, frame);
        self.has_traces |= self.dots_layer.cover(&refs.dots, frame);
        if is_blank || have_moved {
            self.draw_wires();
        }
        self.is_still = prefers_stillness();
        let lane = area.query_selector("[data-cells]").ok()??;
        let width = lane.get_bounding_client_rect().width() - LANE_PADDING_PX;
        let fits = ((width / cell_px()) as u32).checked_sub(1)?; // the last place is the next record's
        let cells = fits.clamp(*CELLS.start(), *CELLS.end());
        let has_changed = cells != self.cells;
        self.cells = cells;
        has_changed.then_some(cells)
    }

    /// Draws the dots as they are at `at_ms`, after `flights` have set out.
    pub(super) fn draw(&mut self, at_ms: f64, flights: &[Flight]) {
        self.launch(at_ms, flights);
        self.dots.retain(|dot| at_ms - dot.began_ms < FLIGHT_MS);
        if self.dots.is_empty() && !self.has_traces {
            return;
        }
        self.has_traces = !self.dots.is_empty();
        let Some(context) = self.dots_layer.blank() else { return };
        self.places.clear();
        for dot in &self.dots {
            if let Some(wire) = self.wires.get(&dot.wire) {
                self.places.push((wire.ink, wire.at(((at_ms - dot.began_ms) / FLIGHT_MS).clamp(0.0, 1.0))));
            }
        }
        // One colour after the other: to change it for each dot would take longer than the dots.
        for (ink, colour) in self.inks.iter().enumerate() {
            context.set_fill_style_str(colour);
            for (_, Point { x, y }) in self.places.iter().filter(|(of, _)| *of == ink) {
                context.fill_rect(x - DOT_PX / 2.0, y - DOT_PX / 2.0, DOT_PX, DOT_PX);
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

    fn draw_wires(&self) {
        let Some(context) = self.wires_layer.blank() else { return };
        for wire in self.wires.values() {
            context.set_stroke_style_str(&self.inks[wire.ink]);
            draw_wire(context, wire);
        }
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
    // The browser reads the number: our own reader of fractions would weigh as much as all of this picture.
    let size = root.and_then(|style| Some(Number::parse_float(&style.get_property_value("font-size").ok()?)));
    size.filter(|size| size.is_finite()).unwrap_or(16.0) * CELL_REM
}

fn draw_wire(context: &CanvasRenderingContext2d, wire: &Wire) {
    let Some((first, rest)) = wire.path.split_first() else { return };
    context.set_global_alpha(if wire.is_live { 0.34 } else { 0.16 });
    context.set_line_width(1.5);
    context.begin_path();
    context.move_to(first.x, first.y);
    for point in rest {
        context.line_to(point.x, point.y);
    }
    context.stroke();
    context.set_global_alpha(1.0);
}
