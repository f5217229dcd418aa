/** Leaves room for CloudFormation's own words within the 1 KB that its events show. */
export const REASON_BYTES = 1000;

/**
 * One line of at most `bytes` bytes of UTF-8.
 *
 * The CDK CLI hides reasons that contain the word "cancelled" (W23), so that it is reworded.
 */
export function oneLine(text: string, bytes: number = REASON_BYTES): string {
  const line = printable(text).replace(/\s+/gu, ' ').trim().replace(/cancelled/gi, 'called off');
  return clip(line, bytes);
}

/**
 * Replaces what ends a line, controls a terminal, changes the direction of text or is not seen.
 *
 * Reasons of alarms, task errors and tags are text of others: a line break would forge a line of the log.
 */
export const printable = (text: string): string =>
  text.replace(/\p{Surrogate}/gu, '�').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** The longest beginning of a text that fits into `bytes` bytes of UTF-8, marked if it is shortened. */
export function clip(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const ellipsis = '…';
  let used = Buffer.byteLength(ellipsis);
  let end = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    end += character.length;
  }
  return text.slice(0, end) + ellipsis;
}
