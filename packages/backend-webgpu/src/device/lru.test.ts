import { describe, expect, it } from 'vitest';
import { Lru } from './lru.ts';

describe('Lru', () => {
  it('forgets what was used least recently', () => {
    const lru = new Lru<string, number>(2);
    let made = 0;
    const get = (key: string): number => lru.get(key, () => ++made);
    expect([get('a'), get('b'), get('a'), get('c')]).toEqual([1, 2, 1, 3]);
    expect([lru.has('a'), lru.has('b'), lru.has('c')]).toEqual([true, false, true]);
    expect(get('b')).toBe(4);
    expect(lru.size).toBe(2);
  });

  it('looks without counting as use', () => {
    const lru = new Lru<string, number>(2);
    lru.set('a', 1);
    lru.set('b', 2);
    expect(lru.peek('a')).toBe(1);
    lru.set('c', 3);
    expect(lru.peek('a')).toBeUndefined();
    lru.clear();
    expect(lru.size).toBe(0);
  });
});
