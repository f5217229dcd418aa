/** The colours by their part; the contrast of each on the surface is at least 4.5 for text and 3.0 for shapes, but for decoration. */
export const LIGHT = {
  surface: '#FFFFFF', ink: '#1B1F24', muted: '#57606A', hairline: '#D0D7DE', rule: '#8C959F', band: '#EAEEF2',
  new: '#0B4F91', old: '#8A939F', mid: '#A8518A', onOld: '#1B1F24',
  alarm: '#B04500', sign: '#D55E00', ok: '#00805C', okText: '#00734F', warning: '#C98500', warningText: '#855700',
};

export type Colour = keyof typeof LIGHT;
export type Palette = Readonly<Record<Colour, string>>;

export const DARK: Palette = {
  surface: '#0D1117', ink: '#E6EDF3', muted: '#9DA7B3', hairline: '#30363D', rule: '#6E7681', band: '#21262D',
  new: '#58B2F0', old: '#5C6671', mid: '#DC8DBE', onOld: '#FFFFFF',
  alarm: '#FF9E69', sign: '#FF8A4C', ok: '#2DBE8D', okText: '#46D0A1', warning: '#E8AE3C', warningText: '#F2C25E',
};

/** `auto` follows the reader's `prefers-color-scheme`, and prints in light. */
export type Theme = 'light' | 'dark' | 'auto';

const variable = (colour: string): string => `--${colour.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The colours as custom properties, for a picture inside a page that defines them. */
const VARIABLES = Object.fromEntries(Object.keys(LIGHT).map((colour) => [colour, `var(${variable(colour)})`])) as Palette;

export const paletteOf = (theme: Theme): Palette => theme === 'auto' ? VARIABLES : theme === 'dark' ? DARK : LIGHT;

/** Defines the custom properties for what a selector matches. */
export function themeStyle(selector: string): string {
  const declarations = (palette: Palette): string => Object.entries(palette).map(([colour, value]) => `${variable(colour)}:${value}`).join(';');
  return `${selector}{${declarations(LIGHT)}}@media screen and (prefers-color-scheme:dark){${selector}{${declarations(DARK)}}}`;
}
