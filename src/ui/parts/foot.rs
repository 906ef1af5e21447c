//! The foot of the page: shortcuts, and how it stands with the network. Whether it is kept and can be installed, `static/home.js` knows.

use super::switch::switch;
use crate::app::{HomeMsg, Msg, SHORTCUTS, Shortcut};
use crate::ui::at_home::{SHEET, whole_address};
use yew::prelude::*;

pub(super) fn foot(has_shortcuts: bool, on_msg: &Callback<Msg>) -> Html {
    let show = on_msg.reform(|_: MouseEvent| Msg::Home(HomeMsg::ShowShortcuts));
    html! {
        <div class="foot">
            <p class="foot-kept">{ "Kept in this browser: works without a network." }</p>
            <button type="button" class="link foot-install" data-install="true">{ "Install" }</button>
            <button type="button" class="link" onclick={show}>{ "Keyboard shortcuts" }</button>
            { sheet(has_shortcuts, on_msg) }
        </div>
    }
}

/// What stands above what is embedded: whose day this is, and the way to the whole page with the run as it is.
///
/// `held` is that time is held, and how it goes on: whoever opens a run that was shared sees it hold still.
#[inline(never)]
pub(super) fn embedded(title: &str, held: Option<&str>, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(|event: MouseEvent| {
        event.prevent_default();
        Msg::Home(HomeMsg::OpenWhole)
    });
    html! {
        <p class="embedded-head"><strong>{ title.to_owned() }</strong><span class="embedded-held">{ held.unwrap_or_default().to_owned() }</span>
            <a href={whole_address()} target="_blank" rel="noopener" {onclick}>{ "Open in Catchup" }<span class="unseen">{ " (in a new tab)" }</span></a></p>
    }
}

/// Which shortcuts there are, in a dialog.
fn sheet(has_shortcuts: bool, on_msg: &Callback<Msg>) -> Html {
    let on_change = on_msg.reform(|on| Msg::Home(HomeMsg::SetShortcuts(on)));
    let state = if has_shortcuts { "They are on." } else { "They are off." };
    html! {
        <dialog id={SHEET} class="sheet" aria-labelledby="sheet-title">
            <form method="dialog" class="panel-head">
                <h2 id="sheet-title">{ "Keyboard shortcuts" }</h2>
                <button class="button quiet">{ "Close" }</button>
            </form>
            <div class="row">
                <span id="sheet-switch">{ "Shortcuts with a single key" }</span>
                { switch("sheet-switch", "", has_shortcuts, &on_change) }
                <span class="note" role="status">{ state }</span>
            </div>
            <div class="sheet-groups">{ for SHORTCUTS.iter().map(|(name, shortcuts)| group(name, shortcuts)) }</div>
            <p class="note">{ "They do nothing while you type, or together with Ctrl, Alt or ⌘. Escape closes what is open, and the arrow keys go from record to record in a lane." }</p>
        </dialog>
    }
}

fn group(name: &'static str, shortcuts: &[Shortcut]) -> Html {
    html! {
        <section key={name}>
            <h3>{ name }</h3>
            <dl class="keys">{ for shortcuts.iter().map(|it| html! { <div key={it.shown}><dt><kbd>{ it.shown }</kbd></dt><dd>{ it.what }</dd></div> }) }</dl>
        </section>
    }
}
