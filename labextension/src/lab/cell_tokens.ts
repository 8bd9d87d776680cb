/** What is what in a `%%pipetask` cell: options, or a pipeline in YAML. */

export type TokenKind = 'key' | 'string' | 'comment' | 'number' | 'option' | 'atom';

export interface Token {
  from: number;
  to: number;
  kind: TokenKind;
}

const MAGIC = /^\s*%%pipetask\b/;

/** In this order: the first that fits at a place counts. */
const PATTERNS: readonly [TokenKind, RegExp][] = [
  ['comment', /(?<=^|\s)#.*$/y],
  ['string', /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y],
  ['key', /(?<=^\s*(?:-\s+)?|[{,]\s*)[A-Za-z_][\w.]*(?=\s*:(?:\s|$))/y],
  ['option', /(?<=^|\s)--?[A-Za-z@][\w-]*/y],
  ['atom', /\b(?:true|false|null|yes|no)\b/y],
  ['number', /(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/y],
];

export function isPipetaskCell(firstLine: string): boolean {
  return MAGIC.test(firstLine);
}

/** Find the tokens of a line of the body. */
export function tokens(line: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const [kind, to] = tokenAt(line, at);
    if (kind) found.push({ from: at, to, kind });
    at = to;
  }
  return found;
}

function tokenAt(line: string, at: number): [TokenKind | null, number] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match?.[0]) return [kind, at + match[0].length];
  }
  return [null, at + 1];
}
