//! A canvas that covers just what is drawn on it: without a graphics processor the browser copies all of it in each frame.

use super::wires::Point;
use gloo::utils::window;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use yew::NodeRef;

/// A part of the flow's area, in its CSS pixels, and how many of the screen's pixels one of them is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Frame {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    scale: f64,
}

impl Frame {
    /// Around all `points`, with `margin` on each side.
    pub(super) fn around(points: impl Iterator<Item = Point>, margin: f64) -> Self {
        let nothing = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        let (left, top, right, bottom) = points.fold(nothing, |(left, top, right, bottom), Point { x, y }| {
            (left.min(x), top.min(y), right.max(x), bottom.max(y))
        });
        if left > right {
            return Self::default();
        }
        let (left, top) = ((left - margin).floor() as i32, (top - margin).floor() as i32);
        let (right, bottom) = ((right + margin).ceil() as i32, (bottom + margin).ceil() as i32);
        let scale = window().device_pixel_ratio().max(1.0);
        Self { left, top, width: right - left, height: bottom - top, scale }
    }
}

/// The canvas and what draws on it.
#[derive(Default)]
pub(super) struct Layer {
    canvas: Option<HtmlCanvasElement>,
    context: Option<CanvasRenderingContext2d>,
    frame: Frame,
}

impl Layer {
    /// Makes `canvas` the one that is drawn on, and lays it over `frame`. Returns whether it has become blank.
    pub(super) fn cover(&mut self, canvas: &NodeRef, frame: Frame) -> bool {
        let canvas = canvas.cast::<HtmlCanvasElement>();
        if self.canvas == canvas && self.frame == frame {
            return false;
        }
        let context = canvas.as_ref().and_then(|canvas| canvas.get_context("2d").ok()?);
        self.context = context.and_then(|context| context.dyn_into().ok());
        self.frame = frame;
        self.canvas = canvas;
        self.place();
        true
    }

    fn place(&self) {
        let Some(canvas) = &self.canvas else { return };
        let Frame { left, top, width, height, scale } = self.frame;
        canvas.set_width((f64::from(width) * scale) as u32);
        canvas.set_height((f64::from(height) * scale) as u32);
        for (name, value) in [("left", left), ("top", top), ("width", width), ("height", height)] {
            // Only a misspelt name is refused.
            drop(canvas.style().set_property(name, &format!("{value}px")));
        }
    }

    /// What draws on the layer, in the area's CSS pixels, with nothing on it.
    pub(super) fn blank(&self) -> Option<&CanvasRenderingContext2d> {
        let context = self.context.as_ref()?;
        let Frame { left, top, width, height, scale } = self.frame;
        let (left, top) = (f64::from(left), f64::from(top));
        context.set_transform(scale, 0.0, 0.0, scale, -left * scale, -top * scale).ok()?;
        context.clear_rect(left, top, width.into(), height.into());
        Some(context)
    }
}
