/** A picture as wide as a phone, so that its text can be read there; elsewhere it is shown a little larger. */
export const WIDTH = 400;
const SHOWN_WIDTH = 480;

/** A picture for a page: what a screen reader says of it, and the SVG. */
export interface Picture {
  title: string;
  description: string;
  svg: string;
}

type Attributes = Record<string, string | number>;

/** Colours by class: in the light, in the dark. A picture brings its own ground, since it cannot see the page's. */
const COLOURS: Array<[selector: string, property: 'fill' | 'stroke', light: string, dark: string]> = [
  ['.ground', 'fill', '#fdfef9', '#141a13'],
  ['.ground,.rule', 'stroke', '#dde3cd', '#2e392b'],
  ['.ink', 'fill', '#1b261b', '#e8eee1'],
  ['.quiet', 'fill', '#5c6855', '#a7b39e'],
  ['.box', 'fill', '#f1f4e7', '#20291e'],
  ['.box,.line', 'stroke', '#aab597', '#55624d'],
  ['.got', 'fill', '#e2f0c8', '#2b401a'],
  ['.got,.way', 'stroke', '#4a7d22', '#a9cf5b'],
  ['.tip,.strong', 'fill', '#3d6a1b', '#b5d869'],
  ['.message', 'fill', '#e0eef9', '#16293a'],
  ['.message', 'stroke', '#1a5a8c', '#79b4e4'],
  ['.bad', 'fill', '#a02a1f', '#ffb0a5'],
  ['.bad-way', 'stroke', '#a02a1f', '#ff9a8c'],
];

const STYLE = `text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
.code{font:11.5px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.small{font-size:11.5px}.bold{font-weight:650}.middle{text-anchor:middle}
.box,.got,.message{stroke-width:1.25}.line{stroke-width:1.25;stroke-dasharray:2 4}.way,.bad-way{stroke-width:2.25}
.line,.way,.bad-way,.rule,.icon{fill:none;stroke-linecap:round;stroke-linejoin:round}.icon{stroke-width:1.4}
${coloursOf(2)}
@media (prefers-color-scheme:dark){
${coloursOf(3)}
}`;

function coloursOf(column: 2 | 3): string {
  return COLOURS.map((colour) => `${colour[0]}{${colour[1]}:${colour[column]}}`).join('\n');
}

/** An element; what it holds is SVG already. */
export function tag(name: string, attributes: Attributes, ...content: string[]): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const start = `<${name}${given.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

/** A line of text, with its baseline at y. */
export function text(x: number, y: number, className: string, words: string): string {
  return tag('text', { x, y, class: className }, escaped(words));
}

/** @param rx - radius of its corners */
export function box(x: number, y: number, width: number, height: number, className: string, rx = 6): string {
  return tag('rect', { x, y, width, height, rx, class: className });
}

/** @param d - its path, in the words of SVG */
export function line(className: string, d: string): string {
  return tag('path', { class: className, d });
}

/** The head of an arrow, its tip at the point. */
export function arrowHead(x: number, y: number, degrees: number, className = 'tip'): string {
  return tag('path', { class: className, d: 'M0 0-8-4.5V4.5Z', transform: `translate(${x} ${y}) rotate(${degrees})` });
}

/** An envelope, its middle at the point. */
export function envelope(x: number, y: number, className: string): string {
  const d = `M${x - 7} ${y - 5}h14v10h-14zm0 0.5 7 5.5 7-5.5`;
  return tag('path', { class: `icon ${className}`, d });
}

/** The whole picture, and what is said of it. */
export function picture(title: string, description: string, height: number, content: string[]): Picture {
  const svg = tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: SHOWN_WIDTH,
      height: Math.round((height * SHOWN_WIDTH) / WIDTH),
      role: 'img',
      'aria-labelledby': 'title description',
    },
    `\n${[
      tag('title', { id: 'title' }, escaped(title)),
      tag('desc', { id: 'description' }, escaped(description)),
      tag('style', {}, STYLE),
      box(0.5, 0.5, WIDTH - 1, height - 1, 'ground', 12),
      ...content,
    ].join('\n')}\n`,
  );
  return { title, description, svg: `${svg}\n` };
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
