/** Weights that the visitor brought, by what they are for. */
import { signal } from '@preact/signals';
import type { BroughtFacts, BroughtKind } from '../worker/brought.ts';

/** What there are. */
export const brought = signal<Partial<Record<BroughtKind, BroughtFacts>>>({});
