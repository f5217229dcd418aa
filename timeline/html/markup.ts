import { escape } from '../svg/element';

export { escape } from '../svg/element';

export interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
  /** A name that is not broken. */
  readonly isWord?: boolean;
}

export interface Row {
  /** Text, not markup: it is escaped here. */
  readonly cells: readonly string[];
  /** A row that failed is bold, and has a sign. */
  readonly isFailed?: boolean;
}

/** A table whose first column heads its rows. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): string {
  const css = ({ isNumber, isWord }: Column): string => isNumber ? ' class="number"' : isWord ? ' class="word"' : '';
  const head = columns.map((column) => `<th scope="col"${css(column)}>${escape(column.name)}</th>`).join('');
  const body = rows.map(({ cells, isFailed }) => {
    const written = cells.map((cell, index) => index === 0
      ? `<th scope="row"${css(columns[0]!)}>${escape(cell)}</th>` : `<td${css(columns[index]!)}>${escape(cell)}</td>`);
    return `<tr${isFailed ? ' class="failed"' : ''}>${written.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table><thead><tr>${head}</tr></thead>`
    + `<tbody>${body.join('\n')}</tbody></table></div>`;
}

export const section = (title: string, body: string, id?: string): string =>
  `<section><h2${id === undefined ? '' : ` id="${id}"`}>${escape(title)}</h2>${body}</section>`;

export const folded = (title: string, body: string): string => `<details><summary>${escape(title)}</summary>${body}</details>`;
