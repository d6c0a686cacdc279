use super::*;
use crate::explain::toys;
use roxmltree::{Document, Node};

fn with_class<'a>(picture: &'a Document, class: &str) -> Vec<Node<'a, 'a>> {
    let has = |node: &Node| node.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class));
    picture.descendants().filter(has).collect()
}

/// All text in an element.
fn said(node: &Node) -> String {
    node.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect()
}

#[test]
fn the_picture_has_the_lanes_the_steps_and_the_claim() {
    let of = toys::freed_too_early();
    let svg = svg(&of);
    let picture = Document::parse(&svg).unwrap();
    let names: Vec<String> = with_class(&picture, "name").iter().map(said).collect();
    assert_eq!(names, ["main", "lookup"]);
    assert_eq!(with_class(&picture, "step").len(), 6);
    assert_eq!(with_class(&picture, "fold").len(), 1);
    let claim: Vec<String> = with_class(&picture, "claim").iter().map(said).collect();
    assert!(claim.join(" ").starts_with(&of.claim[0]), "{claim:?}");
    let failed = with_class(&picture, "failed")[0];
    let words = failed.children().find(|child| child.attribute("class") == Some("words")).unwrap();
    assert_eq!(said(&words), "free Net#2");
    assert!(svg.contains("again: cargo verify run toy --engine rc11"));
}

#[test]
fn a_stale_read_has_an_arrow_from_what_it_missed() {
    let svg = svg(&toys::freed_too_early());
    let picture = Document::parse(&svg).unwrap();
    let arrows = with_class(&picture, "arrows").pop().unwrap();
    let kinds: Vec<&str> = arrows.children().filter_map(|arrow| arrow.attribute("class")).collect();
    assert_eq!(kinds, ["arrow synchronises", "arrow missed", "arrow conflict"]);
    assert_eq!(with_class(&picture, "stale").len(), 1);
    let all = super::svg(&toys::with_steps_beside().whole(true));
    assert!(!all.contains("class=\"arrow missed\""), "there is none");
}

#[test]
fn the_picture_is_all_there_is_to_it() {
    for of in [toys::freed_too_early(), toys::race(), toys::asserted("no"), toys::hostile()] {
        for all in [false, true] {
            let svg = svg(&of.clone().whole(all));
            let picture = Document::parse(&svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
            let is_outside = |value: &str| value.contains("//") && value != "http://www.w3.org/2000/svg";
            for node in picture.descendants().filter(Node::is_element) {
                let name = node.tag_name().name();
                assert!(!["script", "image", "use", "a", "foreignObject"].contains(&name), "{name}");
                assert!(!node.attributes().any(|attribute| is_outside(attribute.value())), "{node:?}");
            }
            assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
            assert!(STYLE.contains("@media (prefers-color-scheme: dark)"));
        }
    }
}

#[test]
fn nothing_is_outside_of_the_picture_and_no_box_is_on_another() {
    for of in [toys::freed_too_early(), toys::with_private_steps(4), toys::hostile()] {
        let svg = svg(&of.whole(true));
        let picture = Document::parse(&svg).unwrap();
        let number = |node: &Node, name: &str| node.attribute(name).unwrap().parse::<u32>().unwrap();
        let root = picture.root_element();
        let (width, height) = (number(&root, "width"), number(&root, "height"));
        let edges = |rect: &Node| {
            let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| number(rect, name));
            assert!(x + w <= width && y + h <= height);
            (x, x + w, y, y + h)
        };
        let is_rect = |child: &Node| child.tag_name().name() == "rect";
        let frames =
            with_class(&picture, "step").into_iter().filter_map(|step| step.children().find(is_rect));
        let steps: Vec<_> = frames.map(|rect| edges(&rect)).collect();
        let lanes: Vec<_> = with_class(&picture, "lane").iter().map(edges).collect();
        for boxes in [steps, lanes] {
            for (index, a) in boxes.iter().enumerate() {
                for b in &boxes[..index] {
                    assert!(a.1 <= b.0 || b.1 <= a.0 || a.3 <= b.2 || b.3 <= a.2, "{a:?} {b:?}");
                }
            }
        }
    }
}
