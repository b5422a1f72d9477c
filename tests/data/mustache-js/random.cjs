// random.cjs SEED COUNT - random templates with what mustache.js makes of them, as lines of JSON: {template, partials,
// context, expected}. What is left to implementations is left out: mustache.js goes on looking for the rest of a dotted
// name farther out, strips a line of several tags, keeps blanks before a tag that ends the text without a newline, and has
// properties of strings and lists (length), fails on null in a list, and
// indents a partial in the middle of a line by what stands before it, and by what its own place is indented.
const Mustache = require("mustache");
const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (value) => String(value).replace(/[&<>"']/g, (c) => entities[c]);

let state = BigInt(process.argv[2] || 1);
function below(limit) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(limit));
}
const pick = (list) => list[below(list.length)];

const words = ["a", "b", "c", "d", "e"];
const texts = ["", "x", "<b>", "\"q\" & 'r'", "zwei\nZeilen", "é€😀", "  ", "0"];
const numbers = [0, 1, -7, 42, 1.5, 0.25, -3.125, 1e15];

function scalar() {
  const kind = below(10);
  return kind < 5 ? pick(texts) : kind < 8 ? pick(numbers) : kind < 9 ? null : false;
}
function object(depth) {
  const made = {};
  for (const word of words) if (below(3) > 0) made[word] = value(depth - 1);
  return made;
}
function value(depth) {
  const kind = depth > 0 ? below(8) : 0;
  if (kind === 5) return object(depth);
  if (kind === 6) return Array.from({ length: below(4) }, () => (below(2) ? scalar() ?? "x" : object(depth - 1)));
  if (kind === 7) return Array.from({ length: below(3) }, () => object(depth - 1));
  return scalar();
}

// only leaves are interpolated, so a name means what has been looked up in the same way before
let names, open, close;
const tag = (content) => `${open}${content}${close}`;
const blank = () => pick(["", "", " ", "  ", "\t"]);
const name = () => pick(names);
function inline(depth) {
  const kind = below(depth > 0 ? 9 : 5);
  if (kind < 2) return pick(["text ", "{ ", " }", " | ", "é", "<i>", "=", "."]);
  if (kind === 2) return tag(`${blank()}${name()}${blank()}`);
  if (kind === 3) return tag(`&${blank()}${name()}`);
  if (kind === 4) return open === "{{" ? `{{{${blank()}${name()} }}}` : tag(`& ${name()}`);
  const section = pick(words);
  return `.${tag((kind < 7 ? "#" : "^") + blank() + section)}${inline(depth - 1)},${tag(`/${section}`)}`;
}
function lines(depth, partials, within) {
  let text = "";
  for (let n = 1 + below(4); n > 0; n--) {
    const kind = below(depth > 0 ? 9 : 6);
    if (kind < 3) text += `.${inline(2)}${inline(2)}\n`;
    else if (kind === 3) text += `${blank()}${tag(`! note ${pick(words)} `)}\n`;
    else if (kind === 4) text += "\n";
    else if (kind === 5) {
      if ((within || below(2)) && partials.length) text += `${blank()}${tag(`>${blank()}${pick(partials)}`)}\n`;
      else if (partials.length) text += `${tag(`> ${pick(partials)}`)}|\n`;
    } else {
      const section = pick(words);
      text += `${blank()}${tag((kind < 8 ? "#" : "^") + section)}${blank()}\n${lines(depth - 1, partials, within)}${blank()}${tag(`/ ${section}`)}\n`;
    }
  }
  if (open === "{{" && below(6) === 0) {
    [open, close] = pick([["<%", "%>"], ["[[", "]]"]]);
    const inner = `.${inline(1)}\n`;
    text += `{{=${open} ${close}=}}\n${inner}${open}={{ }}=${close}\n`;
    [open, close] = ["{{", "}}"];
  }
  return text;
}
// a name that is a list or an object reads differently in JavaScript, and so does one behind a true section
function leaves(context, found = new Map()) {
  for (const [key, part] of Object.entries(context)) {
    const bad = part !== null && typeof part === "object";
    found.set(key, (found.get(key) ?? true) && !bad);
    if (Array.isArray(part)) part.forEach((item) => item && typeof item === "object" && leaves(item, found));
    else if (bad) leaves(part, found);
  }
  return found;
}

for (let n = Number(process.argv[3] || 1000); n > 0; n--) {
  const context = object(3);
  // dotted names begin with a name that stands nowhere else
  context.top = { leaf: scalar(), in: { leaf: scalar() } };
  const found = leaves(context);
  names = [...words.filter((word) => found.get(word) ?? true), "top.leaf", "top.in.leaf", "top.none", "nothing"];
  [open, close] = ["{{", "}}"];
  const partials = { p: lines(1, [], true), q: lines(1, ["p", "none"], true) };
  const template = lines(3, ["p", "q", "none"], false);
  const expected = Mustache.render(template, context, partials, { escape });
  console.log(JSON.stringify({ template, partials, context, expected }));
}
