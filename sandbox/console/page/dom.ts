const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | number | undefined>>;

function fill<T extends Element>(made: T, attributes: Attributes, children: readonly (Node | string)[]): T {
  for (const [name, value] of Object.entries(attributes)) set(made, name, value);
  made.append(...children);
  return made;
}

/** An HTML element. Text is never read as markup. */
export const html = <Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => fill(document.createElement(name), attributes, children);

export const svg = <Name extends keyof SVGElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: Node[]
): SVGElementTagNameMap[Name] => fill(document.createElementNS(SVG, name), attributes, children);

/** Sets an attribute, or removes it; one that has the value already is left alone. */
export function set(element: Element, name: string, value: string | number | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Changes a text only if it differs, so that selections and screen readers keep their place. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/** Moves the children into an order; those that are there already do not move. What has the focus keeps it when it moves. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const focused = document.activeElement as HTMLElement | null;
  for (const child of [...parent.children]) if (!children.includes(child)) child.remove();
  for (const [index, child] of children.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  }
  if (focused !== document.activeElement && parent.contains(focused)) focused!.focus({ preventScroll: true });
}

/** The elements for some things by key: made once, kept while their thing is there. */
export class Keyed<Entry> {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly make: (key: string) => Entry) {}

  public of(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, entry = this.make(key));
    return entry;
  }

  public has(key: string): boolean {
    return this.entries.has(key);
  }

  public keep(keys: readonly string[]): void {
    const kept = new Set(keys);
    for (const key of this.entries.keys()) if (!kept.has(key)) this.entries.delete(key);
  }
}
