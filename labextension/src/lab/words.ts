/** Translates what users read. */
export type Words = (text: string, ...values: string[]) => string;
