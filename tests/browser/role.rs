//! Finding things as a person who uses a screen reader finds them: by role and accessible name.
//!
//! The small part of the ARIA rules that the page needs, not all of them; axe-core checks the rest in `tests/e2e`.

use wasm_bindgen::JsCast;
use web_sys::Element;

/// Where a name may come from, and what an element of that role is in HTML.
struct Role {
    name: &'static str,
    selector: &'static str,
}

/// The roles that the tests ask for. A `summary` is exposed as a button.
const ROLES: [Role; 17] = [
    Role { name: "alert", selector: "[role=alert]" },
    Role { name: "article", selector: "article" },
    Role { name: "button", selector: "button:not([role]), summary" },
    Role { name: "cell", selector: "td" },
    Role { name: "combobox", selector: "select" },
    Role { name: "complementary", selector: "aside" },
    Role { name: "group", selector: "[role=group], details" },
    Role { name: "heading", selector: "h1, h2, h3, h4" },
    Role { name: "list", selector: "ul, ol" },
    Role { name: "listitem", selector: "li" },
    Role { name: "region", selector: "section[aria-label], section[aria-labelledby], [role=region]" },
    Role { name: "row", selector: "tr" },
    Role { name: "rowheader", selector: "th[scope=row]" },
    Role { name: "spinbutton", selector: "input[type=number]" },
    Role { name: "switch", selector: "[role=switch]" },
    Role { name: "table", selector: "table" },
    Role { name: "textbox", selector: "textarea, input:not([type])" },
];
/// What can be labelled by a `label` around it.
const CONTROLS: &str = "input, select, textarea";
/// What is inside of something that is folded up, and so is not there for anyone.
const FOLDED_UP: &str = "details:not([open]) > :not(summary), details:not([open]) > :not(summary) *";

/// Everything in `within` that has this role, and a name that `is_meant`.
pub(crate) fn all_by_role(within: &Element, role: &str, is_meant: impl Fn(&str) -> bool) -> Vec<Element> {
    let known = ROLES.iter().find(|known| known.name == role).unwrap_or_else(|| panic!("no role {role} is known here"));
    let is_there = |element: &Element| !element.matches(FOLDED_UP).unwrap_or(false);
    let mut found = select(within, known.selector);
    found.retain(|element| is_there(element) && is_meant(&name_of(element)));
    found
}

/// The accessible name.
pub(crate) fn name_of(element: &Element) -> String {
    labelled_by(element)
        .or_else(|| element.get_attribute("aria-label"))
        .or_else(|| label_around(element))
        .or_else(|| select(element, "caption").first().map(text_of))
        .unwrap_or_else(|| text_of(element))
}

/// The text as it is read: with one space where there are several.
pub(crate) fn text_of(element: &Element) -> String {
    let text = element.text_content().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything in `within` that a CSS selector means, in the document's order.
fn select(within: &Element, selector: &str) -> Vec<Element> {
    let nodes = within.query_selector_all(selector).expect("a valid selector");
    (0..nodes.length()).filter_map(|index| nodes.get(index)?.dyn_into().ok()).collect()
}

fn labelled_by(element: &Element) -> Option<String> {
    let ids = element.get_attribute("aria-labelledby")?;
    let document = gloo::utils::document();
    let texts = ids.split_whitespace().filter_map(|id| document.get_element_by_id(id)).map(|it| text_of(&it));
    Some(texts.collect::<Vec<_>>().join(" "))
}

/// The text of the label around a control, without the control.
fn label_around(element: &Element) -> Option<String> {
    if !element.matches(CONTROLS).unwrap_or(false) {
        return None;
    }
    let label = element.closest("label").ok()??;
    let copy: Element = label.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    select(&copy, CONTROLS).iter().for_each(Element::remove);
    Some(text_of(&copy))
}
