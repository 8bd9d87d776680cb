// Made from jupyter_mpexec/display by scripts/export_style.py: change it there.
/* The place in this list is the code that messages carry. */
export const STATUSES = [
  {"name": "pending", "glyph": "○", "word": "pending", "css": "jmpx-s-pending", "variable": "--jmpx-pending"},
  {"name": "running", "glyph": "►", "word": "running", "css": "jmpx-s-running", "variable": "--jmpx-running"},
  {"name": "succeeded", "glyph": "✓", "word": "succeeded", "css": "jmpx-s-succeeded", "variable": "--jmpx-succeeded"},
  {"name": "no_work", "glyph": "∅", "word": "no work", "css": "jmpx-s-no-work", "variable": "--jmpx-no-work"},
  {"name": "skipped", "glyph": "»", "word": "skipped", "css": "jmpx-s-skipped", "variable": "--jmpx-skipped"},
  {"name": "failed", "glyph": "✗", "word": "failed", "css": "jmpx-s-failed", "variable": "--jmpx-failed"},
  {"name": "blocked", "glyph": "⊘", "word": "blocked", "css": "jmpx-s-blocked", "variable": "--jmpx-blocked"},
  {"name": "cancelled", "glyph": "⊖", "word": "cancelled", "css": "jmpx-s-cancelled", "variable": "--jmpx-cancelled"},
  {"name": "held", "glyph": "◇", "word": "held", "css": "jmpx-s-blocked", "variable": "--jmpx-blocked"},
] as const;

export type StatusName = (typeof STATUSES)[number]['name'];

/** Codes in the order of bars, tables and sentences. */
export const READING_ORDER: readonly number[] = [2, 3, 4, 5, 6, 7, 1, 8, 0];

/** Codes, the most worrying first: that which stands for many. */
export const WORST_FIRST: readonly number[] = [5, 7, 6, 1, 8, 0, 2, 4, 3];
