// All elements matching a selector in a part of the page, the part itself included.
export function within(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...found] : found;
}

// The sentence a template left for the script, with its {names} filled in: no language lives in here.
export function sentence(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
