import { isStep, type SceneNode } from './scene';

/** Find nodes whose name or lines have all words of a text; steps come before data, and names before lines. */
export function find(nodes: readonly SceneNode[], text: string): string[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const ranked: { id: string; rank: number }[] = [];
  for (const node of nodes) {
    const name = node.label.toLowerCase();
    const everything = [name, node.id, ...node.lines].join('\n').toLowerCase();
    if (!words.every(word => everything.includes(word))) continue;
    const inName = words.every(word => name.includes(word));
    const starts = name.startsWith(words[0]);
    ranked.push({ id: node.id, rank: (isStep(node) ? 0 : 1) + (inName ? 0 : 4) + (starts ? 0 : 2) });
  }
  return ranked.sort((a, b) => a.rank - b.rank).map(({ id }) => id);
}
