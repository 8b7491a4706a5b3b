/** A map that forgets what was used least recently. */

/** Holds at most `capacity` entries. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;
  readonly #drop: (value: Value) => void;

  /** @param drop  Gets every value that is forgotten or replaced. */
  constructor(capacity: number, drop: (value: Value) => void = () => {}) {
    this.#capacity = capacity;
    this.#drop = drop;
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of `key`, made by `create` when it is not there; it is now the most recently used. */
  get(key: Key, create: () => Value): Value {
    const value = this.#entries.get(key) ?? create();
    this.set(key, value);
    return value;
  }

  /** The value of `key` if it is there; does not count as use. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Adds or replaces a value. */
  set(key: Key, value: Value): void {
    const old = this.#entries.get(key);
    if (old !== undefined && old !== value) this.#drop(old);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) {
      const [oldest, forgotten] = this.#entries.entries().next().value!;
      this.#entries.delete(oldest);
      this.#drop(forgotten);
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (const value of this.#entries.values()) this.#drop(value);
    this.#entries.clear();
  }
}
