/** The parts of the page that a visitor goes through, and which of them is in front. */
import { signal } from '@preact/signals';
import { damage, damageResult } from './damage.ts';
import { look } from './inside.ts';
import { opened } from './photo.ts';

/** Titles of the parts, in the order in which they are shown. */
export const tabTitles = {
  compress: 'Compress',
  inside: 'See inside',
  damage: 'Damage',
  quantize: 'Quantize',
} as const;

/** Name of a part. */
export type TabName = keyof typeof tabTitles;

/** The part in front. */
export const tab = signal<TabName>('compress');

/** The parts that there are: a `.vqk` file has no photo to do things with. */
export function tabNames(): TabName[] {
  return opened.value?.isPhoto ? (Object.keys(tabTitles) as TabName[]) : ['compress', 'inside'];
}

/** Brings a part to the front, and does what it is there for. */
export function goTo(name: TabName): void {
  tab.value = name;
  if (name === 'inside') void look();
  if (name === 'damage' && damageResult.value === undefined) void damage();
}
