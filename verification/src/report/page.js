"use strict";
// Tables sort and filter, and the colour scheme can be chosen. Without this the page is whole, and plain.

const collator = new Intl.Collator("en", { numeric: true });

function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
}

// What a row is sorted by: the cell's key or words. Cells that span others count as each of them.
function key(body, column) {
    let at = -1;
    const cell = [...body.rows[0].cells].find((cell) => (at += cell.colSpan) >= column);
    return cell.dataset.key ?? (cell.matches(".number") ? "" : cell.textContent.trim());
}

function sort(table, head) {
    const column = [...head.parentNode.cells].indexOf(head);
    const descending = head.ariaSort === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.ariaSort = descending ? "descending" : "ascending";
    const keyed = [...table.tBodies].map((body) => [key(body, column), body]);
    keyed.sort(([a], [b]) => {
        // What is not known comes last, either way.
        if (a === "" || b === "") return (a === "") - (b === "");
        const order = head.matches(".number") ? a - b : collator.compare(a, b);
        return descending ? -order : order;
    });
    table.append(...keyed.map(([, body]) => body));
}

function sortable(table) {
    for (const head of table.tHead.rows[0].cells) {
        const button = element("button", { type: "button" }, ...head.childNodes);
        button.addEventListener("click", () => sort(table, head));
        head.append(button);
    }
}

function filterable(table) {
    const bodies = [...table.tBodies];
    const texts = new Map(bodies.map((body) => [body, body.textContent.toLowerCase()]));
    const field = element("input", { type: "search", autocomplete: "off" });
    const shown = element("output", {});
    const filter = () => {
        const words = field.value.toLowerCase().split(/\s+/);
        for (const body of bodies) body.hidden = !words.every((word) => texts.get(body).includes(word));
        shown.value = `${bodies.filter((body) => !body.hidden).length} of ${bodies.length}`;
    };
    field.addEventListener("input", filter);
    filter();
    const tools = element("div", { className: "tools" }, element("label", {}, "Filter", field), shown);
    const details = table.querySelectorAll("details");
    if (details.length > 0) {
        const all = element("button", { type: "button" }, "Open all");
        all.addEventListener("click", () => {
            const open = [...details].some((one) => !one.open);
            for (const one of details) one.open = open;
            all.textContent = open ? "Close all" : "Open all";
        });
        tools.append(all);
    }
    table.parentNode.before(tools);
    return () => { field.value = ""; filter(); };
}

const unfilter = new Map();
for (const table of document.querySelectorAll(".scroll > table:not(#parts)")) {
    unfilter.set(table, filterable(table));
    sortable(table);
}

// A way that leads to a row leads to a row that is shown.
addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.hidden) return;
    unfilter.get(target.closest("table"))?.();
    target.scrollIntoView();
});

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const scheme = element("button", { type: "button", className: "scheme" }, "Dark");
const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : prefersDark.matches);
const tell = () => { scheme.ariaPressed = isDark(); };
scheme.addEventListener("click", () => { root.dataset.scheme = isDark() ? "light" : "dark"; tell(); });
prefersDark.addEventListener("change", tell);
document.querySelector("header").append(scheme);
tell();
