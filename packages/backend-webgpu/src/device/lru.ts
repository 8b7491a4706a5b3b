/** A map that forgets what was used least recently. */

/** Holds at most `capacity` entries. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of `key`, made by `create` when it is not there; it is now the most recently used. */
  get(key: Key, create: () => Value): Value {
    let value = this.#entries.get(key);
    if (value === undefined) value = create();
    this.set(key, value);
    return value;
  }

  /** The value of `key` if it is there; does not count as use. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Whether `key` is there; does not count as use. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Adds or replaces a value. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value as Key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
  }
}
