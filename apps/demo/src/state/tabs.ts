/** The parts of the page that a visitor goes through, and which of them is in front. */
import { computed, signal } from '@preact/signals';
import { damage, damageResult } from './damage.ts';
import { look } from './inside.ts';
import { opened } from './photo.ts';
import { brought } from './weights.ts';

/** Titles of the parts, in the order in which they are shown. */
export const tabTitles = {
  compress: 'Compress',
  inside: 'See inside',
  damage: 'Damage',
  enlarge: 'Enlarge',
  quantize: 'Quantize',
  draw: 'Draw',
} as const;

/** Name of a part. */
export type TabName = keyof typeof tabTitles;

const chosen = signal<TabName>('compress');

/** The parts that there are: a `.vqk` file has no photo to do things with, and drawing needs no file at all. */
export function tabNames(): TabName[] {
  if (opened.value?.isPhoto) return Object.keys(tabTitles) as TabName[];
  if (opened.value) return ['compress', 'inside', 'enlarge', 'draw'];
  return brought.value.draw ? ['draw'] : [];
}

/** The part in front: the one that was chosen last, where it is there. */
export const tab = computed((): TabName => {
  const names = tabNames();
  return names.includes(chosen.value) ? chosen.value : (names[0] ?? 'compress');
});

/** Brings a part to the front, and does what it is there for. */
export function goTo(name: TabName): void {
  chosen.value = name;
  if (name === 'inside') void look();
  if (name === 'damage' && damageResult.value === undefined) void damage();
}
