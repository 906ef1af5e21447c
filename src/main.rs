//! Mounts the page. Natively there is no page, and the program says so.

#[cfg(target_arch = "wasm32")]
fn main() {
    // A worker that runs this program has no page; it calls what it wants.
    if catchup::ui::is_page() {
        catchup::ui::mount();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Catchup is a web page: `make serve` builds it and serves it on http://127.0.0.1:8080.");
    std::process::exit(2);
}
