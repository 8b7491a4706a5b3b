import { describe, expect, it } from 'vitest';
import { Lru } from './lru.ts';

describe('Lru', () => {
  it('forgets what was used least recently', () => {
    const lru = new Lru<string, number>(2);
    let made = 0;
    const get = (key: string): number => lru.get(key, () => ++made);
    expect([get('a'), get('b'), get('a'), get('c')]).toEqual([1, 2, 1, 3]);
    expect([lru.peek('a'), lru.peek('b'), lru.peek('c')]).toEqual([1, undefined, 3]);
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

  it('says what it forgets, each value once', () => {
    const dropped: string[] = [];
    const lru = new Lru<string, string>(2, (value) => dropped.push(value));
    lru.set('a', 'a1');
    lru.set('a', 'a1');
    lru.set('a', 'a2');
    lru.set('b', 'b');
    lru.get('c', () => 'c');
    expect(dropped).toEqual(['a1', 'a2']);
    lru.clear();
    expect(dropped).toEqual(['a1', 'a2', 'b', 'c']);
  });
});
