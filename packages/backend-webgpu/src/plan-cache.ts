/** Plans of eager calls, by everything that decides them. */
import type { Attributes, TensorSpec } from '@vqkit/core';
import { Lru } from './device/lru.ts';
import type { Call, Plan } from './plan.ts';

const maxPlans = 2048;

/** Remembers plans. */
export class PlanCache {
  readonly #plans = new Lru<string, Plan>(maxPlans);

  /** The plan of a call, made by `create` the first time. */
  get(call: Call, create: () => Plan): Plan {
    return this.#plans.get(keyOf(call), create);
  }

  /** Forgets all plans, after tuning changed what they would be. */
  clear(): void {
    this.#plans.clear();
  }
}

function keyOf({ kernel, inputs, attributes, outputs }: Call): string {
  let key = kernel;
  for (const spec of inputs) key += specKey(spec);
  key += '>';
  for (const spec of outputs) key += specKey(spec);
  return key + attributesKey(attributes);
}

function specKey({ shape, dtype }: TensorSpec): string {
  return `${dtype}[${shape}]`;
}

/** JSON writes NaN and infinities as null and −0 as 0; these must stay apart. */
function attributesKey(attributes: Attributes): string {
  return JSON.stringify(attributes, (_, value: unknown) => {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
    return Object.is(value, -0) ? '-0' : String(value);
  });
}
