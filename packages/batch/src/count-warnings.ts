/** Warnings of many inputs, one of each kind with their number. */
import type { WorkWarning } from './pool/work.ts';

/** The first warning of a kind, and of how many inputs it was given. */
export interface CountedWarning extends WorkWarning {
  readonly inputs: number;
}

/** Adds warnings up, by kind. */
export function countWarnings(warnings: Iterable<WorkWarning & { readonly inputs?: number }>): CountedWarning[] {
  const counted = new Map<string, CountedWarning>();
  for (const { kind, message, inputs = 1 } of warnings) {
    const { message: first = message, inputs: before = 0 } = counted.get(kind) ?? {};
    counted.set(kind, { kind, message: first, inputs: before + inputs });
  }
  return [...counted.values()];
}
