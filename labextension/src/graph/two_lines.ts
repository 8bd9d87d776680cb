/** Break a name where one would: between words, or where a word begins in a name without spaces. */
export function inTwo(text: string): [string, string] | null {
  let best: [string, string] | null = null;
  for (let place = 1; place < text.length; place += 1) {
    const [before, after] = [text[place - 1], text[place]];
    const starts = /[a-z0-9]/.test(before) && /[A-Z]/.test(after);
    const joined = /[_\-.:\s]/.test(before) && !/[_\-.:\s]/.test(after);
    if (!starts && !joined) continue;
    const halves: [string, string] = [text.slice(0, place).trimEnd(), text.slice(place)];
    if (!best || longest(halves) < longest(best)) best = halves;
  }
  return best;
}

function longest(parts: readonly string[]): number {
  return Math.max(...parts.map(part => part.length));
}
