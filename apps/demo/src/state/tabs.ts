/** The parts of the page that a visitor goes through, and which of them is in front. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { CompressPanel } from '../ui/compress-panel.tsx';

/** One part. */
export interface Tab {
  readonly title: string;
  readonly Panel: FunctionComponent;
}

/** All of them, in the order in which they are shown. */
export const tabs = {
  compress: { title: 'Compress', Panel: CompressPanel },
} as const satisfies Record<string, Tab>;

/** Name of a part. */
export type TabName = keyof typeof tabs;

/** Their names. */
export const tabNames = Object.keys(tabs) as TabName[];

/** The part in front. */
export const tab = signal<TabName>('compress');
