//! Rust source, as far as a rule of the house has to understand it.

/// A part of a source that a rule may look away from.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// The source with its comments and literals blanked out; every character keeps its line.
pub(crate) fn code(source: &str) -> String {
    keep(source, |part| part == Part::Code)
}

/// The source with its comments blanked out.
pub(crate) fn code_and_literals(source: &str) -> String {
    keep(source, |part| part != Part::Comment)
}

/// The source with its literals blanked out.
pub(crate) fn code_and_comments(source: &str) -> String {
    keep(source, |part| part != Part::Literal)
}

fn keep(source: &str, is_kept: impl Fn(Part) -> bool) -> String {
    let mut kept = String::new();
    let mut rest = source;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let (part, length) = token(rest, after_word);
        let (token, after) = rest.split_at(length);
        if is_kept(part) {
            kept.push_str(token);
        } else {
            kept.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' }));
        }
        after_word = part == Part::Code && is_word(first);
        rest = after;
    }
    kept
}

/// What `rest` begins with, and how long that is in bytes.
fn token(rest: &str, after_word: bool) -> (Part, usize) {
    if rest.starts_with("//") {
        return (Part::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Part::Comment, block_comment(rest));
    }
    // `r"`, `br#"`, `c"`, ..: but not where a word ends in such a letter.
    let prefix = if after_word { 0 } else { rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len() };
    let unprefixed = &rest[prefix..];
    let hashes = unprefixed.len() - unprefixed.trim_start_matches('#').len();
    if rest[..prefix].contains('r') && unprefixed[hashes..].starts_with('"') {
        let end = format!("\"{}", &unprefixed[..hashes]);
        let begin = prefix + hashes + 1;
        return (Part::Literal, rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len()));
    }
    if unprefixed.starts_with('"') {
        return (Part::Literal, prefix + quoted(unprefixed, '"'));
    }
    let is_character = {
        let mut next = unprefixed.chars().skip(1);
        unprefixed.starts_with('\'') && (next.next() == Some('\\') || next.next() == Some('\''))
    };
    if is_character {
        return (Part::Literal, prefix + quoted(unprefixed, '\''));
    }
    (Part::Code, rest.chars().next().map_or(0, char::len_utf8))
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = true; // The quote that begins it does not end it.
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `pattern` stands in `text`, not as a part of longer words.
pub(crate) fn words<'t>(text: &'t str, pattern: &'t str) -> impl Iterator<Item = usize> + 't {
    let (first, last) = (pattern.starts_with(is_word), pattern.ends_with(is_word));
    text.match_indices(pattern).map(|(at, _)| at).filter(move |&at| {
        let begins_inside = first && text[..at].ends_with(is_word);
        let ends_inside = last && text[at + pattern.len()..].starts_with(is_word);
        !begins_inside && !ends_inside
    })
}

/// What stands between the bracket that `text` begins with and its partner.
pub(crate) fn bracketed(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(1..at).unwrap_or_default();
        }
    }
    text
}

#[test]
fn comments_and_literals_are_told_from_code() {
    let source =
        "a // b \"c\"\n/* d /* e */ f */ g \"h // \\\" i\" j '\"' k 'l m r#\"n\" o\"# p b'\\'' q bar\"s\"";
    let code = code(source);
    let left: Vec<_> = code.split_whitespace().collect();
    assert_eq!(left, ["a", "g", "j", "k", "'l", "m", "p", "q", "bar"]);
    assert_eq!(code.lines().count(), 2);
    assert_eq!(code_and_comments("a // b\n\"c\"").trim_end(), "a // b");
    assert_eq!(code_and_literals("a // b\n\"c\"").replace(' ', ""), "a\n\"c\"");
}
