/** Elements without markup in strings: nothing that somebody typed is ever read as HTML. */

export const $ = (id) => document.getElementById(id);

/** An element. `given`: properties, and `on…` listeners, `data-…` and `aria-…` attributes, `style` as an object. */
export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, set] of Object.entries(value)) made.style.setProperty(key, set);
    else if (/^(data|aria)-|^(role|for|colspan)$/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** Replace what an element holds; the focus stays on the element with the same `data-key`. */
export function fill(box, ...children) {
  const key = box.contains(document.activeElement) ? document.activeElement.dataset?.key : null;
  box.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  if (key) box.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Say something to those who listen instead of looking. */
export function say(text) {
  $("says").textContent = text;
}
